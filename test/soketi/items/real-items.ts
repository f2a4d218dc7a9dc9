import type { Item } from '../../../functions/apps/item.ts'

const app = (id: string, attributes: Item): Item => ({
  AppId: { S: id },
  AppKey: { S: `${id}-key` },
  AppSecret: { S: 'replaced-secret-0001' },
  ...attributes,
})

/** Items in the forms that tables of soketi's users have, with other ids and secrets. */
export const REAL_ITEMS: readonly Item[] = [
  // Columns of soketi's SQL tables.
  app('off', { enabled: { N: '0' } }),
  app('off-bool', { enabled: { BOOL: false } }),
  app('one', { max_connections: { N: '1' } }),
  app('both', { Enabled: { BOOL: true }, enabled: { BOOL: false } }),
  // Laravel, Dynamoid and others write null for what is not set.
  app('nulls', { Webhooks: { NULL: true } }),
  app('nullmax', { MaxConnections: { NULL: true } }),
  app('nullenabled', { Enabled: { NULL: true } }),
  app('blank', { Webhooks: { S: '' }, MaxConnections: { S: '' } }),
  // Booleans of spreadsheets, .NET and Dynamoid.
  app('excel', { Enabled: { S: 'TRUE' }, EnableClientMessages: { S: 'FALSE' } }),
  app('dotnet', { EnableClientMessages: { S: 'True' } }),
  app('dynamoid', { Enabled: { S: 't' }, EnableClientMessages: { S: 'f' }, Webhooks: { NULL: true } }),
  // Numbers.
  app('blanks', { MaxConnections: { S: ' 100 ' } }),
  app('exponent', { MaxConnections: { S: '1E+3' } }),
  app('fraction', { MaxConnections: { N: '100.5' } }),
]

import { describe, expect, it } from 'vitest'
import { readApp } from '../../cli/app/read-app.ts'
import { readRows } from '../../cli/import/read-file.ts'
import { decodeItem } from '../../functions/apps/item.ts'

const SECRET = 's3cr3t-s3cr3t-s3cr3t-01'
const HOOKS = [{ url: 'https://example.com/hook', event_types: ['channel_occupied'] }]
/** What every file below has. */
const APP = {
  id: '7',
  key: 'k-7',
  secret: SECRET,
  enabled: true,
  enableClientMessages: false,
  webhooks: HOOKS,
}

const typed = {
  AppId: { S: '7' },
  AppKey: { S: 'k-7' },
  AppSecret: { S: SECRET },
  Enabled: { B: 'dHJ1ZQ==' },
  EnableClientMessages: { B: 'ZmFsc2U=' },
  MaxConnections: { NULL: true },
  Webhooks: { S: JSON.stringify(HOOKS) },
}
const native = {
  L: [{ M: { url: { S: 'https://example.com/hook' }, event_types: { L: [{ S: 'channel_occupied' }] } } }],
}
const columns = { id: '7', key: 'k-7', secret: SECRET, enabled: '1', enable_client_messages: '0' }
const row = { ...columns, webhooks: JSON.stringify(HOOKS), max_connections: null }
const csvHooks = `"${JSON.stringify(HOOKS).replaceAll('"', '""')}"`
const plain = { enabled: true, enableClientMessages: false, webhooks: HOOKS }

const FILES: Readonly<Record<string, readonly [name: string, content: unknown]>> = {
  'an export of DynamoDB to S3': ['data.json', `${JSON.stringify({ Item: typed })}\n{"Item":{}}\n`],
  'aws dynamodb scan': ['scan.json', { Items: [typed], Count: 1, ScannedCount: 1, ConsumedCapacity: null }],
  'aws dynamodb get-item': ['get.json', { Item: typed }],
  'aws dynamodb batch-write-item': ['batch.json', { apps: [{ PutRequest: { Item: typed } }] }],
  'aws dynamodb transact-write-items': ['t.json', [{ Put: { TableName: 'apps', Item: typed } }]],
  'an item of Terraform': ['item.json', typed],
  'the state of Terraform': [
    'state.json',
    { resources: [{ type: 'aws_dynamodb_table_item', values: { item: JSON.stringify(typed) } }] },
  ],
  'a table with native webhooks': ['scan.json', { Items: [{ ...typed, Webhooks: native }] }],
  'a table with a numeric AppId': ['scan.json', { Items: [{ ...typed, AppId: { N: '7' } }] }],
  "a download from AWS's console": [
    'results.csv',
    `"AppId","AppKey","AppSecret","Enabled","EnableClientMessages","Webhooks"\n"7","k-7","${SECRET}","dHJ1ZQ==","ZmFsc2U=","${JSON.stringify(native.L).replaceAll('"', '""')}"\n`,
  ],
  'MySQL, with NULL': [
    'apps.csv',
    `"id","key","secret","enabled","enable_client_messages","webhooks","max_connections"\n"7","k-7","${SECRET}","1","0",${csvHooks},NULL\n`,
  ],
  'MySQL, with \\N': [
    'apps.csv',
    `id,key,secret,enabled,enable_client_messages,webhooks,max_connections\n7,k-7,${SECRET},1,0,${csvHooks},\\N\n`,
  ],
  'mysql --batch': [
    'apps.tsv',
    `id\tkey\tsecret\tenabled\tenable_client_messages\twebhooks\tmax_connections\n7\tk-7\t${SECRET}\t1\t0\t${JSON.stringify(HOOKS)}\tNULL\n`,
  ],
  PostgreSQL: [
    'apps.csv',
    `id,key,secret,enabled,enable_client_messages,webhooks,max_connections\n7,k-7,${SECRET},t,f,${csvHooks},\n`,
  ],
  phpMyAdmin: [
    'apps.json',
    [
      { type: 'header', version: '5.2.1', comment: 'Export to JSON plugin for PHPMyAdmin' },
      { type: 'database', name: 'soketi' },
      { type: 'table', name: 'apps', database: 'soketi', data: [row] },
    ],
  ],
  ...Object.fromEntries(
    [
      ['appId', 'appKey', 'appSecret'],
      ['app_id', 'key', 'secret'],
      ['App ID', 'App Key', 'App Secret'],
      ['ID', 'KEY', 'SECRET'],
    ].map(([id = '', key = '', secret = '']) => [
      `ids named ${id}`,
      ['apps.json', [{ [id]: '7', [key]: 'k-7', [secret]: SECRET, ...plain }]],
    ]),
  ),
  "a configuration of soketi's": [
    'soketi.json',
    { adapter: { driver: 'local' }, appManager: { driver: 'array', apps: [{ ...APP }] } },
  ],
  "another Pusher server's configuration": [
    'reverb.json',
    {
      servers: { reverb: { host: '0.0.0.0', port: 8080, options: { tls: {} } } },
      apps: { provider: 'config', apps: [{ app_id: 7, key: 'k-7', secret: SECRET, ...plain }] },
    },
  ],
}

describe('import', () => {
  it.each(Object.keys(FILES))('reads %s', (kind) => {
    const [name, content] = FILES[kind] ?? ['', '']
    const [first] = readRows(typeof content === 'string' ? content : JSON.stringify(content), name)
    expect(first?.rejected).toBeUndefined()
    expect(readApp(first && 'record' in first ? first.record : undefined).app).toEqual(APP)
  })

  it.each([
    [{ secret: 'NULL' }, 'id,key,secret\n7,k,NULL\n', 'secret is missing, or empty.'],
    [
      { enabled: 'off' },
      'id,key,secret,enabled\n7,k,s,off\n',
      'enabled is not a boolean, but text. Use true or false.',
    ],
    [
      {},
      'id,App ID,key,secret\n7,8,k,s\n',
      'App ID and id differ. Remove the one that is not the id of the app.',
    ],
    [
      {},
      'id,key,secret,Max Connections\n7,k,s,0.5\n',
      /^Max Connections is not a whole number.*, but text\.$/,
    ],
  ])('names the column that it can not read, and not its value: %j', (_, text, message) => {
    const [first] = readRows(text, 'apps.csv')
    expect(() => readApp(first && 'record' in first ? first.record : undefined)).toThrow(message)
  })

  it('reads a quoted NULL as the text of an id, and as no value of a limit', () => {
    const [first] = readRows('id,key,secret,max_connections\n"NULL",k,s,"NULL"\n', 'apps.csv')
    const { app } = readApp(first && 'record' in first ? first.record : undefined)
    expect(app).toEqual({
      ...decodeItem({ AppId: { S: 'NULL' }, AppKey: { S: 'k' }, AppSecret: { S: 's' } }),
    })
  })
})

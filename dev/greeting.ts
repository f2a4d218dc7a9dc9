import type { LocalStack } from './local-stack.ts'
import type { OwnDynamoDB } from './own-dynamodb.ts'

/** The output of `npm start` when everything runs: the URLs, and curl commands to try. */
export async function greeting(
  { url, dynamodb, feed }: LocalStack,
  token: string,
  host: string,
  own: OwnDynamoDB | undefined,
): Promise<string> {
  const origin = url.replace('0.0.0.0', '127.0.0.1')
  const id = own ? 'YOUR-APP-ID' : 'demo'
  const curl = (path: string) => `curl -H 'Authorization: Bearer ${token}' '${origin}${path}'`
  const table = own?.description ?? `${dynamodb?.endpoint}  embedded, in memory: table apps with sample apps`
  const about = (cursor: string | undefined) =>
    cursor === undefined
      ? `The change feed does not respond. Once it does, this returns its cursor:

  ${curl('/changes')}`
      : `Change an app in another terminal (npx soketi-apps disable ${id} ${own ? tableOptions(own) : `--endpoint ${dynamodb?.endpoint}`}), and this shows it:

  ${curl(`/changes?since=${cursor}`)}`
  return `
soketi-app-lookup on this machine: a development tool, not for production${host === '127.0.0.1' ? '' : `; open to ${host}`}

  lookup     ${origin}   (open it in a browser for the API's documentation)
  DynamoDB   ${table}
  token      ${token}

  ${curl(`/apps/${id}`)}
${
  feed
    ? `
${about(await findCursor(origin, token))}
${own ? ROUNDED : ''}`
    : NO_FEED
}
Changes to functions/ and template.yaml are loaded at once. Ctrl-C stops.
`
}

const tableOptions = ({ endpoint, table }: OwnDynamoDB) => `--table ${table} --endpoint ${endpoint}`

const NO_FEED = `
There is no change feed, because it writes a heartbeat item into the table: GET /changes returns feed-unavailable.
For a local DynamoDB, --feed starts one.
`

const ROUNDED = `
DynamoDB Local rounds the times of changes down to the minute, so heartbeatAge is up to 60 s too high.
`

/** The change feed's current cursor, if the feed responds. */
async function findCursor(origin: string, token: string): Promise<string | undefined> {
  const response = await fetch(`${origin}/changes`, { headers: { authorization: `Bearer ${token}` } })
  const { cursor } = (await response.json()) as { readonly cursor?: string }
  return cursor
}

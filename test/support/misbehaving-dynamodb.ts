import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import type { Item } from '../../functions/apps/item.ts'

/** A DynamoDB that misbehaves in one way. */
export type Misbehaviour = (
  request: IncomingMessage,
  response: ServerResponse,
  attempt: number,
  body: string,
) => void

/** Responds as DynamoDB does; `headers` replaces its headers, and undefined leaves one out. */
export function answer(
  response: ServerResponse,
  status: number,
  body: object | string | null,
  headers: Readonly<Record<string, string | undefined>> = {},
): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const own = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-requestid': 'TESTTESTTESTTESTTESTTESTTESTTESTTESTTESTTESTTESTTEST',
    'x-amz-crc32': String(crc32(text)),
  }
  const sent = Object.entries({ ...own, ...headers }).filter(([, value]) => value !== undefined)
  response.writeHead(status, Object.fromEntries(sent) as Record<string, string>).end(text)
}

/** Responds as a DynamoDB whose table has these items. */
export const has =
  (...items: readonly Item[]): Misbehaviour =>
  (_request, response, _attempt, body) => {
    const { Key, ExpressionAttributeValues } = JSON.parse(body)
    if (Key) {
      const Item = items.find(({ AppId }) => AppId?.S === Key.AppId.S)
      return answer(response, 200, Item ? { Item } : {})
    }
    const Items = items.filter(({ AppKey }) => AppKey?.S === ExpressionAttributeValues[':appKey'].S)
    answer(response, 200, { Items, Count: Items.length, ScannedCount: Items.length })
  }

/** Responds with an error of DynamoDB. */
export const fails =
  (status: number, name: string, message = 'made up'): Misbehaviour =>
  (_request, response) =>
    answer(response, status, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message })

/** Faults of DynamoDB and of the network. */
export const MISBEHAVIOURS = {
  hangs: () => {},
  resets: (request) => request.socket.destroy(),
  'answers 500': fails(500, 'InternalServerError'),
  'throttles a table': fails(400, 'ProvisionedThroughputExceededException'),
  'throttles an account': fails(400, 'ThrottlingException'),
  'refuses the role': fails(400, 'AccessDeniedException'),
  'refuses the credentials': fails(400, 'UnrecognizedClientException'),
  'has no such table': fails(400, 'ResourceNotFoundException'),
  'has no such index': fails(400, 'ValidationException'),
  'answers HTML': (_request, response) =>
    response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>'),
  'answers garbage': (_request, response) =>
    response
      .writeHead(200, { 'content-type': 'application/x-amz-json-1.0' })
      .end('{"Item":{"AppSecret":{"S":"demo-secret"'),
  'stops half-way': (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': '1000' })
    response.write('{"Item":{')
    setTimeout(() => response.destroy(), 20)
  },
  'stops half-way and hangs': (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': '1000' })
    response.write('{"Item":{')
  },
} as const satisfies Readonly<Record<string, Misbehaviour>>

/** A running server, and the number of requests that it has received. */
export type MisbehavingDynamoDB = {
  readonly endpoint: string
  readonly attempts: () => number
  close(): Promise<void>
}

/** Starts a server that responds to each attempt with this misbehaviour. */
export async function startMisbehavingDynamoDB(misbehave: Misbehaviour): Promise<MisbehavingDynamoDB> {
  let attempts = 0
  const server = createServer(async (request, response) => {
    // Reads the whole request, so that the client has sent everything before the response.
    const body = await text(request)
    misbehave(request, response, ++attempts, body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    attempts: () => attempts,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

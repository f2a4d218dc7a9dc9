import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { findOwnDynamoDB } from '../../dev/own-dynamodb.ts'
import { itemOf } from '../../dev/sample-apps.ts'
import { until } from '../../harness/until.ts'
import { TOKENS } from '../support/canary.ts'
import { send } from '../support/http.ts'
import { MISBEHAVIOURS, startMisbehavingDynamoDB } from '../support/misbehaving-dynamodb.ts'
import { startTestStack } from '../support/test-stack.ts'

/** What {@link startServers} started. */
export type Servers = {
  readonly url: string
  /** A cursor of the change feed, before the app `added` was created. */
  readonly cursor: string
  close(): Promise<void>
}

/**
 * Starts one server for all cases, by the first segment of the path:
 * - `/lookup` is the local stack
 * - `/with-more-fields` adds a field to every object of its responses, as a later version can
 * - `/without-dynamodb` is a stack whose DynamoDB fails
 * - a status, such as `/429`, is a gateway that responds with it to every request
 */
export async function startServers(): Promise<Servers> {
  const dynamodb = await startMisbehavingDynamoDB(MISBEHAVIOURS['answers 500'])
  const own = await findOwnDynamoDB({ endpoint: dynamodb.endpoint, region: 'us-east-1' })
  const [stack, failing] = await Promise.all([startTestStack(), startTestStack({ own })])

  const server = createServer(async (request, response) => {
    const [, name = '', path = ''] = /^\/([^/]+)(\/.*)$/.exec(request.url ?? '') ?? []
    if (name === 'lookup') await forward(request, response, stack.url, path)
    else if (name === 'with-more-fields') await forward(request, response, stack.url, path, addFields)
    else if (name === 'without-dynamodb') await forward(request, response, failing.url, path)
    else
      response
        .writeHead(Number(name), { 'content-type': 'application/json' })
        .end(JSON.stringify({ message: 'Own response' }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const poll = async (since = '') => {
    const headers = { authorization: `Bearer ${TOKENS.full}` }
    return JSON.parse((await send(stack.url, { method: 'GET', path: `/changes${since}`, headers })).body)
  }
  const { cursor } = await poll()
  const client = new DynamoDBClient(stack.dynamodb?.client ?? {})
  await client.send(new PutItemCommand({ TableName: 'apps', Item: itemOf('added') }))
  client.destroy()
  await until(async () => (await poll(`?since=${cursor}`)).changes.length > 0)

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cursor,
    async close() {
      server.closeAllConnections()
      server.close()
      await Promise.all([stack.close(), failing.close(), dynamodb.close()])
    },
  }
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  origin: string,
  path: string,
  change = (body: string) => body,
): Promise<void> {
  const { host: _, connection: __, ...headers } = request.headers as Record<string, string>
  const answer = await send(origin, {
    method: request.method ?? '',
    path,
    headers,
    body: await text(request),
  })
  const { 'content-length': ___, ...others } = answer.headers
  response.writeHead(answer.status, others).end(change(answer.body))
}

/** Adds a field to every object of a JSON text. */
const addFields = (json: string): string =>
  json === ''
    ? json
    : JSON.stringify(
        JSON.parse(json, (_member, value) =>
          value?.constructor === Object ? { ...value, addedLater: { since: 'tomorrow' } } : value,
        ),
      )

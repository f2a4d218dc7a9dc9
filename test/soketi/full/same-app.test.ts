import { isDeepStrictEqual } from 'node:util'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import pMap from 'p-map'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LOCAL_CREDENTIALS } from '../../../dev/embedded-dynamodb.ts'
import type { Item } from '../../../functions/apps/item.ts'
import { type Endpoint, httpDriver, startEndpoint } from '../../../harness/local-endpoint.ts'
import { ANY_NODE } from '../../../harness/nodes.ts'
import { killAll, type Soketi, startSoketi } from '../../../harness/soketi-process.ts'
import { anyItem } from '../items/any-item.ts'
import { expectedOf } from '../items/differences.ts'
import { type Effects, NO_APP, readBySoketi } from '../items/effects.ts'
import { observeApp } from '../items/observe.ts'
import { REAL_ITEMS } from '../items/real-items.ts'

const GENERATED = 100

let endpoint: Endpoint
let dynamodb: DynamoDBClient
let own: Soketi
let adapter: Soketi
beforeAll(async () => {
  endpoint = await startEndpoint()
  dynamodb = new DynamoDBClient({
    endpoint: endpoint.dynamodb,
    region: 'us-east-1',
    credentials: LOCAL_CREDENTIALS,
  })
  own = await startSoketi({
    node: ANY_NODE,
    env: {
      SOKETI_APP_MANAGER_DRIVER: 'dynamodb',
      SOKETI_APP_MANAGER_DYNAMODB_ENDPOINT: endpoint.dynamodb,
      AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    },
  })
  adapter = await startSoketi({
    node: ANY_NODE,
    env: httpDriver(endpoint.url, {
      SOKETI_APP_MANAGER_HTTP_MAX_WAITING_SOCKETS: '0',
      SOKETI_APP_MANAGER_HTTP_UNKNOWN_LOOKUPS_PER_SECOND: '1000000',
      // A busy machine can be slow.
      SOKETI_APP_MANAGER_HTTP_ATTEMPT_TIMEOUT_MS: '15000',
      SOKETI_APP_MANAGER_HTTP_LOOKUP_TIMEOUT_MS: '15000',
    }),
  })
})
afterAll(async () => {
  await killAll()
  dynamodb.destroy()
  await endpoint.close()
})

/** Stores an item and compares what it is to both nodes. */
async function expectSameApp(item: Item): Promise<void> {
  await dynamodb.send(new PutItemCommand({ TableName: 'apps', Item: { ...item } }))
  const expected = expectedOf(item)
  const id = item.AppId?.S ?? ''
  const app = { id, key: item.AppKey?.S ?? '', secret: String(secretOf(expected) ?? 'none') }
  const toClients = await observeApp(adapter.port, app)
  if (isDeepStrictEqual(expected, readBySoketi(item)) && expected !== NO_APP)
    expect(toClients, JSON.stringify(item)).toEqual(await observeApp(own.port, app))
  else {
    const first = expected === NO_APP ? '4100' : expected.enabled ? 'connected' : '4003'
    expect(toClients.connections[0], JSON.stringify(item)).toBe(first)
  }
}

function secretOf(effects: Effects | typeof NO_APP): unknown {
  return effects === NO_APP ? undefined : effects.secret
}

describe("soketi with the adapter and soketi's own driver on one table", () => {
  it.each(REAL_ITEMS.map((item) => [item.AppId?.S, item] as const))(
    'agree on the item %s',
    async (_, item) => {
      await expectSameApp(item)
    },
  )

  it(`agree on ${GENERATED} generated items, except for the listed differences`, {
    timeout: 120_000,
  }, async () => {
    const items = fc
      .sample(
        // soketi's own driver stops at requests for an app whose secret is not text.
        anyItem.filter(
          (item) => item.AppKey !== undefined && typeof secretOf(readBySoketi(item)) === 'string',
        ),
        GENERATED,
      )
      .map((item, index) => ({ ...item, AppId: { S: `any-${index}` }, AppKey: { S: `any-key-${index}` } }))
    await pMap(items, expectSameApp, { concurrency: 8 })
    expect(own.isRunning()).toBe(true)
  })
})

import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LOCAL_CREDENTIALS } from '../../../dev/embedded-dynamodb.ts'
import { heartbeatIdOf } from '../../../functions/apps/heartbeat.ts'
import { backend, connect, disconnectAll } from '../../../harness/clients.ts'
import { type Endpoint, startEndpoint } from '../../../harness/local-endpoint.ts'
import { NODES_AND_OLDER_SOKETIS } from '../../../harness/nodes.ts'
import { killAll, startSoketi } from '../../../harness/soketi-process.ts'
import { until } from '../../../harness/until.ts'

const HEARTBEAT = heartbeatIdOf('us-east-1')

let endpoint: Endpoint
beforeAll(async () => {
  endpoint = await startEndpoint()
})
afterAll(async () => {
  disconnectAll()
  await killAll()
  await endpoint.close()
})

describe.each(NODES_AND_OLDER_SOKETIS)("on $name, soketi's own DynamoDB driver", (node) => {
  it('reads the heartbeat item as a disabled app, and serves the others', async () => {
    const client = new DynamoDBClient({
      endpoint: endpoint.dynamodb,
      region: 'us-east-1',
      credentials: LOCAL_CREDENTIALS,
    })
    const key = { TableName: 'apps', Key: { AppId: { S: HEARTBEAT } } }
    expect((await client.send(new GetItemCommand(key))).Item, 'the heartbeat item').toBeDefined()
    client.destroy()

    const soketi = await startSoketi({
      node,
      preload: false,
      env: {
        SOKETI_APP_MANAGER_DRIVER: 'dynamodb',
        SOKETI_APP_MANAGER_DYNAMODB_ENDPOINT: endpoint.dynamodb,
        AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
      },
    })
    const intruder = connect(soketi.port, HEARTBEAT)
    await until(
      () => intruder.errors.includes(4003),
      20_000,
      () => intruder.states.join(', '),
    )
    // soketi responds to an error with status 200, and the code in the body.
    const published = await backend(soketi.port, HEARTBEAT).trigger('news', 'sold', {})
    expect(await published.json()).toMatchObject({ code: 401 })

    const demo = connect(soketi.port, 'demo-key')
    await demo.connected()
    expect(soketi.isRunning()).toBe(true)
  })
})

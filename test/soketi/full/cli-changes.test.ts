import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  backend,
  type Client,
  connect,
  connectAuthorized,
  disconnectAll,
  subscribe,
} from '../../../harness/clients.ts'
import { type DynamoDBLocal, startDynamoDBLocal } from '../../../harness/dynamodb-local.ts'
import { type Endpoint, startEndpoint } from '../../../harness/local-endpoint.ts'
import { ANY_NODE, NODES } from '../../../harness/nodes.ts'
import { openRawSocket, type RawSocket, tryToConnect } from '../../../harness/raw-socket.ts'
import { readMetric } from '../../../harness/read-metric.ts'
import { run } from '../../../harness/run-command.ts'
import { killAll, type Soketi } from '../../../harness/soketi-process.ts'
import { startFollowing, waitUntilAllFollowed } from '../../../harness/start-following.ts'
import { until } from '../../../harness/until.ts'
import { startWebhookReceiver } from '../../../harness/webhook-receiver.ts'
import { createStreamedTable, type StreamedTable } from '../../dynamodb-local/streamed-table.ts'

/** On a machine where DynamoDB Local has to be downloaded first. */
const DOWNLOAD_MS = 300_000

let dynamodb: DynamoDBLocal
let table: StreamedTable
let endpoint: Endpoint
beforeAll(async () => {
  dynamodb = await startDynamoDBLocal()
  table = await createStreamedTable('NEW_AND_OLD_IMAGES', dynamodb.endpoint)
  endpoint = await startEndpoint({ endpoint: dynamodb.endpoint, table: table.tableName, feed: true })
}, DOWNLOAD_MS)
afterAll(async () => {
  disconnectAll()
  await killAll()
  await endpoint?.close()
  await table?.close()
  dynamodb?.stop()
})

/** Runs a command of the CLI on the table. */
async function apps(args: readonly string[], stdin?: string): Promise<void> {
  const options = ['--endpoint', table.endpoint, '--table', table.tableName]
  const ran = await run([...args, ...options], stdin === undefined ? {} : { stdin })
  expect(ran, ran.stderr).toMatchObject({ code: 0 })
}

type Fields = Readonly<Record<string, unknown>>

/** Imports apps with keys and secrets made of their ids, and these fields. */
function importApps(ids: readonly string[], fields: (id: string) => Fields = () => ({})): Promise<void> {
  const list = ids.map((id) => ({ id, key: `${id}-key`, secret: `${id}-secret`, ...fields(id) }))
  return apps(['import', '-', '--format', 'json', '--overwrite'], JSON.stringify(list))
}

const WHAT = ['rekeyed', 'deleted', 'again', 'disabled', 'changed', 'hooked', 'rotated'] as const
type What = (typeof WHAT)[number]

describe.each(NODES)('on $name, clients of an app that the CLI', (node) => {
  const idOf = (what: What) => `${what}-${node.name.replace(/\W+/g, '-')}`
  const clients = {} as Record<What, Client>
  let soketi: Soketi
  beforeAll(async () => {
    soketi = await startFollowing(node, endpoint.url)
    await importApps(WHAT.map(idOf), () => ({ enableClientMessages: false }))
    for (const what of WHAT) clients[what] = connectAuthorized(soketi.port, idOf(what))
    await Promise.all(Object.values(clients).map((client) => client.connected()))
    await waitUntilAllFollowed(soketi)
  })
  afterAll(async () => {
    disconnectAll()
    await soketi?.kill()
  })

  const expectConnected = ({ errors, pusher }: Client) =>
    expect([errors, pusher.connection.state]).toEqual([[], 'connected'])

  it.concurrent('gives another key stay connected, and others can connect only with the new key', async () => {
    await apps(['update', idOf('rekeyed'), '--key', `${idOf('rekeyed')}-next`])
    await until(async () => (await tryToConnect(soketi.port, `${idOf('rekeyed')}-key`)) === 4001, 25_000)
    await connect(soketi.port, `${idOf('rekeyed')}-next`).connected()
    expectConnected(clients.rekeyed)
  })

  it.concurrent('deletes are closed with 4001, and can connect again once it is created again', async () => {
    const { errors } = clients.deleted
    await apps(['delete', idOf('deleted'), '--yes'])
    await until(() => errors.length > 0, 25_000)
    expect(new Set(errors)).toEqual(new Set([4001]))
    await importApps([idOf('deleted')])
    await until(async () => (await tryToConnect(soketi.port, `${idOf('deleted')}-key`)) === undefined, 25_000)
  })

  it.concurrent('deletes and creates again at once stay connected', async () => {
    const hints = () => readMetric(soketi, 'http_app_manager_feed_hints_total')
    const before = await hints()
    await apps(['delete', idOf('again'), '--yes'])
    await importApps([idOf('again')])
    await until(async () => (await hints()) >= before + 2, 20_000)
    await waitUntilAllFollowed(soketi)
    expectConnected(clients.again)
  })

  it.concurrent('disables are closed with 4003', async () => {
    const { errors } = clients.disabled
    await apps(['disable', idOf('disabled')])
    await until(() => errors.length > 0, 20_000)
    expect(new Set(errors)).toEqual(new Set([4003]))
  })

  it.concurrent('changes can use at once what it now allows', async () => {
    const { errors, pusher } = clients.changed
    const other = connectAuthorized(soketi.port, idOf('changed'))
    const [from, to] = [
      await subscribe(clients.changed, 'private-room'),
      await subscribe(other, 'private-room'),
    ]
    let received = 0
    to.bind('client-a', () => (received += 1))
    from.trigger('client-a', {})
    await until(() => errors.includes(4301))
    expect(received).toBe(0)
    await apps(['update', idOf('changed'), '--enable-client-messages'])
    await until(() => {
      from.trigger('client-a', {})
      return received > 0
    }, 20_000)
    expect(pusher.connection.state).toBe('connected')
  })

  it.concurrent('gives a webhook cause one with their next event', async () => {
    const receiver = await startWebhookReceiver()
    const webhooks = [{ url: receiver.url, event_types: ['channel_occupied'] }]
    await apps(['update', idOf('hooked'), '--webhooks', '-'], JSON.stringify(webhooks))
    let channels = 0
    await until(async () => {
      await subscribe(clients.hooked, `room-${++channels}`)
      return receiver.deliveries.length > 0
    }, 20_000)
    receiver.close()
    expect(receiver.deliveries[0]?.headers['x-pusher-key']).toBe(`${idOf('hooked')}-key`)
    expectConnected(clients.hooked)
  })

  it.concurrent('gives another secret stay connected, and the old secret can no longer publish', async () => {
    const publish = () => backend(soketi.port, idOf('rotated')).trigger('news', 'a', 'x')
    await publish()
    await apps(['rotate-secret', idOf('rotated'), '--now', '--yes'])
    await until(() => publish().then(() => false, isRefused), 20_000)
    expectConnected(clients.rotated)
  })
})

function isRefused({ status }: { status: number }): boolean {
  return status === 401
}

describe('a node that follows the change feed', () => {
  it('applies an import that changes all 200 apps to their 2,000 sockets', async () => {
    const soketi = await startFollowing(ANY_NODE, endpoint.url, {
      SOKETI_APP_MANAGER_HTTP_UNKNOWN_LOOKUPS_PER_SECOND: '1000',
    })
    const ids = Array.from({ length: 200 }, (_, i) => `imported-${i}`)
    const [disabled, limited] = [ids.slice(0, 100), ids.slice(100)]
    await importApps(ids)
    const sockets = new Map<string, RawSocket[]>()
    for (const id of ids)
      sockets.set(
        id,
        await Promise.all(Array.from({ length: 10 }, () => openRawSocket(soketi.port, `${id}-key`))),
      )
    const socketsOf = (some: readonly string[]) => some.flatMap((id) => sockets.get(id) ?? [])
    await until(() => socketsOf(ids).every((socket) => socket.isEstablished()), 60_000)
    await waitUntilAllFollowed(soketi)
    const before = endpoint.requests.length

    await importApps(ids, (id) => (disabled.includes(id) ? { enabled: false } : { maxConnections: 10 }))
    const codes = await Promise.all(socketsOf(disabled).map(({ closed }) => closed))
    expect(codes).toHaveLength(1_000)
    expect(new Set(codes)).toEqual(new Set([4003]))
    for (const id of limited) {
      await until(async () => (await tryToConnect(soketi.port, `${id}-key`)) === 4100, 20_000)
    }
    const open = await Promise.race([
      Promise.any(socketsOf(limited).map(({ closed }) => closed)),
      fetch(`http://127.0.0.1:${soketi.port}/`).then(() => 'open'),
    ])
    expect(open).toBe('open')
    expect(endpoint.requests.slice(before).filter((line) => line.startsWith('GET /apps/'))).toEqual([])
    expect(soketi.isRunning()).toBe(true)
  }, 180_000)
})

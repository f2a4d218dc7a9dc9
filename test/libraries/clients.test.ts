import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLibraryBackends } from '../../harness/library-backends.ts'
import {
  type AppCredentials,
  CLIENT_LIBRARIES,
  closeLibraryClients,
  type LibraryClient,
  startLibraryClient,
} from '../../harness/library-clients.ts'
import { type Endpoint, httpDriver, startEndpoint } from '../../harness/local-endpoint.ts'
import { type Region, startRegion } from '../../harness/misbehaving-region.ts'
import { ANY_NODE } from '../../harness/nodes.ts'
import { openRawSocket } from '../../harness/raw-socket.ts'
import { killAll, type Soketi, startSoketi } from '../../harness/soketi-process.ts'
import { until } from '../../harness/until.ts'

/** PyPI's pusher takes ids of digits only. */
const appOf = (id: number): AppCredentials => ({ id: String(id), key: `${id}-key`, secret: `${id}-secret` })
const [WORKING, DELETED, DISABLED, UNKNOWN, FULL, LATE] = [1, 2, 3, 4, 5, 6].map(appOf) as [
  AppCredentials,
  AppCredentials,
  AppCredentials,
  AppCredentials,
  AppCredentials,
  AppCredentials,
]
const OUTAGE_MS = 15_000
/** pysher waits 10 s after each close, asyncpusher up to 8 s after the third. */
const BACK_WITHIN_MS = 60_000

let endpoint: Endpoint
let region: Region
let soketi: Soketi
beforeAll(async () => {
  endpoint = await startEndpoint()
  region = await startRegion(endpoint.url)
  for (const { id } of [WORKING, DELETED, LATE]) await endpoint.put(id)
  await endpoint.put(DISABLED.id, { Enabled: { BOOL: false } })
  await endpoint.put(FULL.id, { MaxConnections: { N: String(CLIENT_LIBRARIES.length) } })
  soketi = await startSoketi({
    node: ANY_NODE,
    env: httpDriver(region.url, { SOKETI_APP_MANAGER_HTTP_FEED_POLL_INTERVAL_MS: '1000' }),
  })
})
afterAll(async () => {
  closeLibraryClients()
  await killAll()
  await region.close()
  await endpoint.close()
})

const startAll = (app: AppCredentials) =>
  Promise.all(CLIENT_LIBRARIES.map((library) => startLibraryClient(library, soketi.port, app)))

const untilAll = (clients: readonly LibraryClient[], ...what: string[]) =>
  until(
    () => clients.every((client) => what.every(client.hasBeenTold)),
    BACK_WITHIN_MS,
    () => JSON.stringify(clients.map(({ library, told, attempts }) => ({ library, told, attempts }))),
  )

describe('clients of real libraries', () => {
  it('connect, join private and presence channels, and receive what each backend publishes', async () => {
    const clients = await startAll(WORKING)
    await untilAll(clients, 'connected', 'subscribed private-room', 'subscribed presence-room')
    const backends = startLibraryBackends()
    for (const [name, backend] of Object.entries(backends)) {
      const error = await backend.call(soketi.port, WORKING, { call: 'trigger', data: { from: name } })
      expect(error).toBeUndefined()
      await untilAll(clients, `event private-room ${name}`)
      backend.close()
    }
    expect(clients.map(({ attempts }) => attempts.length)).toEqual(clients.map(() => 1))
  })

  it('stay connected when the secret changes, and receive what is published with the new one', async () => {
    const clients = await startAll(WORKING)
    await untilAll(clients, 'subscribed private-room', 'subscribed presence-room')
    const secret = 'another-secret'
    await endpoint.put(WORKING.id, { AppSecret: { S: secret } })
    const { 'pusher (npm)': backend } = startLibraryBackends()
    await until(
      async () =>
        !(await backend?.call(
          soketi.port,
          { ...WORKING, secret },
          { call: 'trigger', data: { from: 'new' } },
        )),
    )
    await untilAll(clients, 'event private-room new')
    const after = await startAll({ ...WORKING, secret })
    await untilAll(after, 'subscribed private-room', 'subscribed presence-room')
  })

  it('are all back after an outage of 15 s, and do not return after 4001 and 4003', async () => {
    const [deleted, disabled, unknown] = await Promise.all([DELETED, DISABLED, UNKNOWN].map(startAll))
    await untilAll(deleted ?? [], 'connected')
    await untilAll(disabled ?? [], 'error')
    await untilAll(unknown ?? [], 'error')
    await endpoint.remove(DELETED.id)
    await untilAll(deleted ?? [], 'error')

    await region.misbehave('does not answer')
    const late = await startAll(LATE)
    await sleep(OUTAGE_MS)
    await region.recover()
    await untilAll(late, 'connected', 'subscribed private-room', 'subscribed presence-room')

    const stopped = [...(deleted ?? []), ...(disabled ?? []), ...(unknown ?? [])]
    expect(stopped.map(({ library, attempts }) => [library, attempts.length])).toEqual(
      stopped.map(({ library }) => [library, 1]),
    )
  })

  it('try again above the connection limit, and connect once others leave', async () => {
    const holders = await Promise.all(CLIENT_LIBRARIES.map(() => openRawSocket(soketi.port, FULL.key)))
    await until(() => holders.every((holder) => holder.isEstablished()))
    const clients = await startAll(FULL)
    await untilAll(clients, 'error')
    for (const holder of holders) holder.close()
    await untilAll(clients, 'connected')
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { backend, connect, disconnectAll } from '../../../harness/clients.ts'
import { startConnectingClients } from '../../../harness/connecting-clients.ts'
import { type Endpoint, startEndpoint } from '../../../harness/local-endpoint.ts'
import { type Region, startRegion } from '../../../harness/misbehaving-region.ts'
import { ANY_NODE } from '../../../harness/nodes.ts'
import { freePorts } from '../../../harness/ports.ts'
import { tryToConnect } from '../../../harness/raw-socket.ts'
import { readMetric } from '../../../harness/read-metric.ts'
import { killAll, type Soketi } from '../../../harness/soketi-process.ts'
import { isFollowing, startFollowing, waitUntilAllFollowed } from '../../../harness/start-following.ts'
import { until } from '../../../harness/until.ts'

/** Two regions of a global table: each has a table, a stream and a change log of its own. */
let endpoint: Endpoint
let farEndpoint: Endpoint
let near: Region
let far: Region
let folder: string
beforeAll(async () => {
  ;[endpoint, farEndpoint] = await Promise.all([startEndpoint(), startEndpoint()])
  ;[near, far] = await Promise.all([startRegion(endpoint.url), startRegion(farEndpoint.url)])
  folder = mkdtempSync(join(tmpdir(), 'soketi-following-'))
})
afterEach(async () => {
  disconnectAll()
  await killAll()
  endpoint.feed?.enableMapping()
  await near.recover()
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await Promise.all([near.close(), far.close()])
  await Promise.all([endpoint.close(), farEndpoint.close()])
})

const DISABLED = { Enabled: { BOOL: false } }

/** Fails unless a change of an app closes its open sockets. Only the change feed has this change. */
async function expectToFollow(soketi: Soketi, id: string, put: Endpoint['put'], notFollowed = 0) {
  await put(id)
  const client = connect(soketi.port, `${id}-key`)
  await client.connected()
  await waitUntilAllFollowed(soketi, notFollowed)
  await put(id, DISABLED)
  await until(() => client.errors.includes(4003), 20_000)
}

describe('a node that follows the change feed', () => {
  it('uses its TTLs when the stream stops, serves nothing older than the limit, and follows again', async () => {
    const APP_TTL_MS = 5_000
    await near.misbehave('makes heartbeats older')
    const FOLLOWED_FOR_MS = 30_000
    const soketi = await startFollowing(ANY_NODE, near.url, {
      SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: String(APP_TTL_MS),
      SOKETI_APP_MANAGER_HTTP_REVALIDATE_INTERVAL_MS: '1000',
    })
    // Otherwise, the hint of the new app could arrive after its next change.
    const hints = () => readMetric(soketi, 'http_app_manager_feed_hints_total')
    const before = await hints()
    await endpoint.put('changed')
    await until(async () => (await hints()) > before)
    const client = connect(soketi.port, 'changed-key')
    const other = connect(soketi.port, 'demo-key')
    await Promise.all([client.connected(), other.connected()])
    await waitUntilAllFollowed(soketi)

    endpoint.feed?.disableMapping()
    await endpoint.put('changed', DISABLED)
    const changedAt = performance.now()
    const known = startConnectingClients(soketi.port, 'demo-key')
    const changed = startConnectingClients(soketi.port, 'changed-key')
    await until(() => client.errors.includes(4003), 90_000)
    await until(() => changed.errors.includes(4003))
    expect(await isFollowing(soketi)).toBe(false)
    expect(soketi.output()).toContain('not followed any more (the change feed has no new heartbeat)')
    // Apps that are served next are not older either, because every app is past its TTL.
    await endpoint.put('late')
    await connect(soketi.port, 'late-key').connected()
    await expect(backend(soketi.port, 'demo').trigger('news', 'a', 'x')).resolves.toMatchObject({
      status: 200,
    })
    await Promise.all([known.stop(), changed.stop()])
    const oldestMs = changed.lastConnectedAt() - changedAt
    expect(oldestMs).toBeGreaterThan(0)
    expect(oldestMs).toBeLessThan(FOLLOWED_FOR_MS + APP_TTL_MS + 10_000)
    expect(new Set(changed.errors)).toEqual(new Set([4003]))
    expect([known.errors, other.errors, other.pusher.connection.state]).toEqual([[], [], 'connected'])

    endpoint.feed?.enableMapping()
    await until(() => isFollowing(soketi), 30_000)
    await expectToFollow(soketi, 'after-the-stop', endpoint.put)
  }, 180_000)

  it('follows again after a restart, and knows what changed while it was down', async () => {
    const [port = 0] = await freePorts(1)
    const env = {
      SOKETI_PORT: String(port),
      SOKETI_APP_MANAGER_HTTP_SNAPSHOT_FILE: join(folder, 'snapshot'),
    }
    const ids = ['same', 'disabled-meanwhile', 'deleted-meanwhile', 'rekeyed-meanwhile', 'unseen-meanwhile']
    for (const id of ids) await endpoint.put(id)
    const first = await startFollowing(ANY_NODE, endpoint.url, env)
    const clients = ids.map((id) => connect(port, `${id}-key`))
    await Promise.all(clients.map((client) => client.connected()))
    clients.at(-1)?.pusher.disconnect()
    await waitUntilAllFollowed(first)
    const [same, disabled, deleted, rekeyed] = clients
    expect(await first.kill('SIGTERM')).toBe(0)

    await endpoint.put('disabled-meanwhile', DISABLED)
    await endpoint.put('unseen-meanwhile', DISABLED)
    await endpoint.remove('deleted-meanwhile')
    await endpoint.put('rekeyed-meanwhile', { AppKey: { S: 'next-key' } })
    const second = await startFollowing(ANY_NODE, endpoint.url, env)
    // Each client reconnects.
    await until(() => same?.states.at(-1) === 'connected' && disabled?.errors.includes(4003), 20_000)
    await until(() => deleted?.errors.includes(4001) && rekeyed?.errors.includes(4001), 20_000)
    await connect(port, 'next-key').connected()
    await waitUntilAllFollowed(second)
    // This app was not looked up since.
    expect(await tryToConnect(port, 'unseen-meanwhile-key')).toBe(4003)
    expect(endpoint.requests.filter((line) => line.endsWith('/unseen-meanwhile-key'))).toHaveLength(1)
    await endpoint.put('same', DISABLED)
    await until(() => same?.errors.includes(4003), 20_000)
    expect(second.output()).not.toMatch(/snapshot file/)
  }, 120_000)

  it('follows the next region while the near one is down, and the near one again when it is back', async () => {
    const putInBoth: Endpoint['put'] = async (id, attributes) => {
      await Promise.all([endpoint.put(id, attributes), farEndpoint.put(id, attributes)])
    }
    const isUsed = async (soketi: Soketi, { url }: Region) =>
      (await readMetric(soketi, 'http_app_manager_region_in_use', `region="${url}"`)) === 1
    const soketi = await startFollowing(ANY_NODE, `${near.url},${far.url}`, {
      SOKETI_APP_MANAGER_HTTP_ATTEMPT_TIMEOUT_MS: '500',
    })
    await endpoint.put('not-replicated-yet')
    const young = connect(soketi.port, 'not-replicated-yet-key')
    await young.connected()
    await expectToFollow(soketi, 'before', putInBoth)
    const all = ['demo-key', 'not-replicated-yet-key'].map((key) => startConnectingClients(soketi.port, key))

    await near.misbehave('refuses connections')
    await until(async () => (await isUsed(soketi, far)) && (await isFollowing(soketi)), 20_000)
    await expectToFollow(soketi, 'meanwhile', putInBoth, 1) // all but the app that is not there
    // The far region has said twice, far enough apart, that there is no such app. It may lag behind.
    const unconfirmed = () =>
      readMetric(soketi, 'http_app_manager_revalidations_total', 'outcome="unconfirmed"')
    await until(async () => young.errors.length > 0 || (await unconfirmed()) >= 2, 20_000)
    await near.recover()
    await until(async () => (await isUsed(soketi, near)) && (await isFollowing(soketi)), 20_000)
    await expectToFollow(soketi, 'afterwards', putInBoth)
    await Promise.all(all.map((clients) => clients.stop()))
    expect(all.flatMap(({ errors }) => errors)).toEqual([])
    expect(all.every((clients) => clients.connectedCount() > 10)).toBe(true)
    expect([young.errors, young.pusher.connection.state]).toEqual([[], 'connected'])
  }, 120_000)
})

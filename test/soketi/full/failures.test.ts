import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { backend, connect, disconnectAll, subscribe } from '../../../harness/clients.ts'
import { withFeedOnAndOff } from '../../../harness/feed-modes.ts'
import { type Endpoint, httpDriver, startEndpoint } from '../../../harness/local-endpoint.ts'
import { type Region, startRegion } from '../../../harness/misbehaving-region.ts'
import { ANY_NODE, NODES_AND_OLDER_SOKETIS } from '../../../harness/nodes.ts'
import { openRawSocket } from '../../../harness/raw-socket.ts'
import { readMetric } from '../../../harness/read-metric.ts'
import { killAll, type Soketi, startSoketi } from '../../../harness/soketi-process.ts'
import { until } from '../../../harness/until.ts'

const WEBHOOKS = [{ url: 'http://127.0.0.1:9/hook', event_types: ['channel_occupied', 'channel_vacated'] }]

let endpoint: Endpoint
beforeAll(async () => {
  endpoint = await startEndpoint()
})
afterEach(disconnectAll)
afterAll(async () => {
  await killAll()
  await endpoint.close()
})

const MODES = withFeedOnAndOff({ on: [ANY_NODE], off: NODES_AND_OLDER_SOKETIS })

// Faults that stop soketi without the adapter. Nothing is cached, so that every lookup is as slow as the region.
describe.each(MODES)('on $name, soketi keeps working', ({ node, feed }) => {
  let region: Region
  let soketi: Soketi

  beforeAll(async () => {
    region = await startRegion(endpoint.url)
    soketi = await startSoketi({
      node,
      env: httpDriver(region.url, {
        ...feed,
        SOKETI_APP_MANAGER_HTTP_FOLLOWED_MAX_MS: '1',
        SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: '1',
        SOKETI_APP_MANAGER_HTTP_NEGATIVE_CACHE_TTL_MS: '1',
        SOKETI_APP_MANAGER_HTTP_STALE_IF_ERROR_MS: '1',
        SOKETI_APP_MANAGER_HTTP_REVALIDATE_INTERVAL_MS: '200',
        SOKETI_METRICS_ENABLED: '1',
      }),
    })
    await endpoint.put('single', { MaxConnections: { N: '1' } })
    await endpoint.put('pair', { MaxConnections: { N: '2' } })
    await endpoint.put('full', { MaxConnections: { N: '1' } })
    await endpoint.put('rated', {
      MaxBackendEventsPerSecond: { N: '10' },
      MaxReadRequestsPerSecond: { N: '10' },
    })
    await endpoint.put('hooked', { Webhooks: { S: JSON.stringify(WEBHOOKS) } })
  })
  afterEach(async () => {
    await region.recover()
    expect(soketi.isRunning(), soketi.output()).toBe(true)
    expect(soketi.output()).not.toContain('uncaughtException')
  })
  afterAll(async () => {
    await soketi.kill()
    await region.close()
  })

  /** Waits until every lookup has a result, and soketi has used it. */
  const lookedUp = async () => {
    await until(() => region.isIdle())
    await fetch(`http://127.0.0.1:${soketi.port}/`).catch(() => undefined)
  }

  it.each(['demo', 'disabled', 'nobody', 'full'])(
    'when a client disconnects before its app (%s) is looked up, and nothing of the client remains',
    async (id) => {
      await until(async () => (await readMetric(soketi, 'connected')) === 0)
      const holder = id === 'full' ? await openRawSocket(soketi.port, 'full-key') : undefined
      if (holder) await until(holder.isEstablished)
      const before = await readMetric(soketi, 'new_connections_total')
      const lookups = () => readMetric(soketi, 'http_app_manager_lookups_total')
      const lookupsBefore = await lookups()
      await region.misbehave('answers after 0.3 s')
      const leaving = await openRawSocket(soketi.port, `${id}-key`)
      leaving.close()
      await leaving.closed
      await until(async () => (await lookups()) > lookupsBefore)
      await lookedUp()
      expect(await readMetric(soketi, 'new_connections_total')).toBe(before)
      holder?.close()
    },
  )

  it('when the last client within the connection limit disconnects early: the next one can connect', async () => {
    await region.misbehave('answers after 0.3 s')
    const leaving = await openRawSocket(soketi.port, 'single-key')
    leaving.close()
    await leaving.closed
    const client = connect(soketi.port, 'single-key')
    await client.connected()
    expect(client.errors).toEqual([])
  })

  it('when many clients wait for one lookup, and only as many connect as the limit allows', async () => {
    await region.misbehave('answers after 0.3 s')
    const waiting = await Promise.all(
      Array.from({ length: 20 }, () => openRawSocket(soketi.port, 'pair-key')),
    )
    await until(() => waiting.every(({ received }) => received.length > 0))
    expect(region.requests.filter((line) => line.endsWith('/pair-key'))).toHaveLength(1)
    expect(waiting.filter((socket) => socket.isEstablished())).toHaveLength(2)
    for (const socket of waiting) socket.close()
  })

  it('when a client sends a message before its connection is established; that is ignored', async () => {
    await region.misbehave('answers after 0.3 s')
    const eager = await openRawSocket(soketi.port, 'demo-key')
    eager.send({ event: 'pusher:subscribe', data: { channel: 'news' } })
    eager.send({ event: 'client-typing', channel: 'news', data: {} })
    eager.send({ event: 'pusher:signin', data: { user_data: '{}', auth: 'x' } })
    await until(eager.isEstablished)
    eager.send({ event: 'pusher:ping', data: {} })
    await until(() => eager.received.some(({ event }) => event === 'pusher:pong'))
    expect(eager.received.map(({ event }) => event)).toEqual(['pusher:connection_established', 'pusher:pong'])
    eager.close()
  })

  it('when a client sends invalid messages', async () => {
    const rude = await openRawSocket(soketi.port, 'demo-key')
    await until(rude.isEstablished)
    for (const message of [
      'no json',
      '',
      '5',
      'null',
      '[]',
      '"text"',
      '{}',
      { event: 5 },
      { event: ['client-x'] },
      { event: null, data: null },
      { event: 'pusher:subscribe' },
      { event: 'pusher:subscribe', data: null },
      { event: 'pusher:subscribe', data: { channel: 5 } },
      { event: 'pusher:subscribe', data: { channel: ['private-x'] } },
      { event: 'pusher:subscribe', data: { channel: 'presence-x', auth: 5 } },
      { event: 'pusher:subscribe', data: { channel: 'presence-x', channel_data: 'null' } },
      { event: 'pusher:unsubscribe' },
      { event: 'pusher:unsubscribe', data: { channel: {} } },
      { event: 'pusher:signin' },
      { event: 'pusher:signin', data: { user_data: 'null' } },
      { event: 'client-x' },
      { event: 'client-x', channel: 5, data: { a: 1 } },
      { event: 'pusher:nonsense', data: {} },
    ])
      rude.send(message)
    rude.send({ event: 'pusher:ping', data: {} })
    await until(() => rude.received.some(({ event }) => event === 'pusher:pong'))
    rude.close()
  })

  it.each(['GET /apps/rated/channels', 'POST /apps/rated/events', 'POST /apps/rated/batch_events'])(
    'when a backend aborts %s while its app is looked up',
    async (line) => {
      await region.misbehave('answers after 0.3 s')
      const seen = region.requests.length
      const [method = '', path = ''] = line.split(' ')
      const body =
        method === 'POST'
          ? '{"name":"a","channel":"b","data":"c","batch":[{"name":"a","channel":"b","data":"c"}]}'
          : ''
      const query = new URLSearchParams(
        backend(soketi.port, 'rated').createSignedQueryString({
          method,
          path,
          params: {},
          ...(body && { body }),
        }),
      )
      const socket = connectTcp(soketi.port, '127.0.0.1')
      socket.write(
        `${method} ${path}?${query} HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      )
      await until(() => region.requests.slice(seen).some((line) => !line.startsWith('GET /changes')))
      socket.resetAndDestroy()
      await lookedUp()
    },
  )

  it('when a webhook is due during an outage, for a deleted app, or during a slow lookup', async () => {
    const client = connect(soketi.port, 'hooked-key')
    await client.connected()
    await region.misbehave('resets connections')
    await subscribe(client, 'first')
    await until(async () => (await readMetric(soketi, 'http_app_manager_rejected_total', 'webhook')) > 0)
    await until(() => soketi.output().includes('A webhook was dropped'))
    await region.recover()

    // Deleted: its sockets are closed, and the webhooks of these closes find no app.
    await endpoint.remove('hooked')
    await endpoint.restart()
    await until(() => client.errors.includes(4001))
    await endpoint.put('hooked', { Webhooks: { S: JSON.stringify(WEBHOOKS) } })
  })

  it('when its lookups are slow and clients use hostile keys of every form', async () => {
    await region.misbehave('answers after 0.3 s')
    const keys = [
      '%00',
      '%2e%2e',
      '..',
      '%',
      '%zz',
      'a'.repeat(5_000),
      '%F0%9F%91%BE',
      '__proto__',
      "'",
      'lookup',
    ]
    const sockets = await Promise.all(keys.map((key) => openRawSocket(soketi.port, key)))
    const codes = await Promise.all(sockets.map(({ closed }) => closed))
    expect(
      codes.every((code) => [4001, 4100, 1006].includes(code)),
      codes.join(),
    ).toBe(true)
  })

  it('and has leaked no socket after all of that', async () => {
    disconnectAll()
    await until(async () => (await readMetric(soketi, 'connected')) === 0)
    const stopped = once(soketi.process, 'exit')
    soketi.process.kill('SIGTERM')
    expect(await stopped).toEqual([0, null])
    soketi = await startSoketi({ node, env: httpDriver(region.url) })
  })
})

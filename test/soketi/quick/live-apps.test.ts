import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { backend, connect, disconnectAll, nextEvent, subscribe } from '../../../harness/clients.ts'
import { withFeedOnAndOff } from '../../../harness/feed-modes.ts'
import { type Endpoint, httpDriver, startEndpoint } from '../../../harness/local-endpoint.ts'
import { type Region, startRegion } from '../../../harness/misbehaving-region.ts'
import { NODES_AND_OLDER_SOKETIS } from '../../../harness/nodes.ts'
import { killAll, type Soketi, startSoketi } from '../../../harness/soketi-process.ts'
import { until } from '../../../harness/until.ts'

/** Without a change feed: how often apps with open sockets are revalidated, once a second at most. */
const REVALIDATE_INTERVAL_MS = 200
/** A deletion is confirmed by two not-found results, half of this apart. */
const APP_TTL_MS = 1_000

let endpoint: Endpoint
beforeAll(async () => {
  endpoint = await startEndpoint()
})
afterEach(disconnectAll)
afterAll(async () => {
  await killAll()
  await endpoint.close()
})

const MODES = withFeedOnAndOff({ on: NODES_AND_OLDER_SOKETIS, off: NODES_AND_OLDER_SOKETIS })

describe.each(MODES)('on $name, open sockets', ({ node, follows, feed }) => {
  let region: Region
  let soketi: Soketi
  beforeAll(async () => {
    region = await startRegion(endpoint.url)
    const env = httpDriver(region.url, {
      ...feed,
      SOKETI_APP_MANAGER_HTTP_REVALIDATE_INTERVAL_MS: String(REVALIDATE_INTERVAL_MS),
      SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: String(APP_TTL_MS),
    })
    soketi = await startSoketi({ node, env })
  })
  afterAll(async () => {
    await soketi.kill()
    await region.close()
  })

  it('are closed with 4003 when their app is disabled, and those of other apps are not', async () => {
    await endpoint.put('switched')
    const client = connect(soketi.port, 'switched-key')
    const other = connect(soketi.port, 'demo-key')
    await Promise.all([client.connected(), other.connected()])
    await endpoint.put('switched', { Enabled: { BOOL: false } })
    await endpoint.restart()
    await until(() => client.errors.length > 0)
    expect(new Set(client.errors)).toEqual(new Set([4003]))
    await until(() => client.pusher.connection.state === 'disconnected')
    expect(other.pusher.connection.state).toBe('connected')
  })

  it('are closed with 4001 when their app is deleted', async () => {
    await endpoint.put('deleted')
    const client = connect(soketi.port, 'deleted-key')
    await client.connected()
    await endpoint.remove('deleted')
    await endpoint.restart()
    await until(() => client.errors.length > 0)
    expect(new Set(client.errors)).toEqual(new Set([4001]))
  })

  it('get changed flags and limits of their app without a new connection', async () => {
    await endpoint.put('flagged', { EnableClientMessages: { BOOL: false } })
    const client = connect(soketi.port, 'flagged-key', {
      channelAuthorization: {
        endpoint: '',
        transport: 'ajax',
        customHandler: ({ socketId, channelName }, done) =>
          done(null, backend(soketi.port, 'flagged').authorizeChannel(socketId, channelName)),
      },
    })
    await client.connected()
    const channel = await subscribe(client, 'private-room')
    channel.trigger('client-a', {})
    await until(() => client.errors.includes(4301))

    await endpoint.put('flagged', { EnableClientMessages: { BOOL: true } })
    await endpoint.restart()
    await until(async () => {
      client.errors.length = 0
      channel.trigger('client-a', {})
      await fetch(`http://127.0.0.1:${soketi.port}/`) // an answer to which follows the one on the socket
      return client.errors.length === 0
    })
    expect(client.pusher.connection.state).toBe('connected')
  })

  it('stay open during an outage, however long it is', async () => {
    const client = connect(soketi.port, 'demo-key')
    await client.connected()
    const channel = await subscribe(client, 'news')
    // If polls get the gateway's 404, there is no feed, and the node does not poll for a while.
    await region.misbehave(follows ? 'answers 500' : "answers the gateway's 404")
    const seen = region.requests.length
    await until(() => region.requests.length > seen + 2, 20_000)
    const event = nextEvent(channel, 'headline')
    await backend(soketi.port, 'demo').trigger('news', 'headline', 'still here')
    expect(await event).toBe('still here')
    expect(client.states.filter((state) => state !== 'connecting')).toEqual(['connected'])
    await region.recover()
  })
})

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  backend,
  connect,
  connectAuthorized,
  disconnectAll,
  nextEvent,
  subscribe,
} from '../../../harness/clients.ts'
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

describe.each(MODES)('on $name, open sockets', ({ name, node, follows, feed }) => {
  /** Apps of its own, because the functions cache those of the nodes before for 10 s. */
  const [disabledId, deletedId, flaggedId] = ['disabled', 'deleted', 'flagged'].map((id) =>
    `${id} on ${name}`.replace(/\W/g, '-'),
  ) as [string, string, string]

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

  it('are closed when their app is disabled or deleted, and get its changed flags and limits if not', async () => {
    await endpoint.put(disabledId)
    await endpoint.put(deletedId)
    await endpoint.put(flaggedId, { EnableClientMessages: { BOOL: false } })
    const disabled = connect(soketi.port, `${disabledId}-key`)
    const deleted = connect(soketi.port, `${deletedId}-key`)
    const flagged = connectAuthorized(soketi.port, flaggedId)
    const other = connect(soketi.port, 'demo-key')
    await Promise.all([disabled, deleted, flagged, other].map((client) => client.connected()))
    const channel = await subscribe(flagged, 'private-room')
    channel.trigger('client-a', {})
    await until(() => flagged.errors.includes(4301))

    await endpoint.put(disabledId, { Enabled: { BOOL: false } })
    await endpoint.remove(deletedId)
    await endpoint.put(flaggedId, { EnableClientMessages: { BOOL: true } })
    // A node that follows reads what has changed past the functions' cache.
    if (!follows) await endpoint.restart()

    await until(() => disabled.pusher.connection.state === 'disconnected')
    expect(new Set(disabled.errors)).toEqual(new Set([4003]))
    await until(() => deleted.pusher.connection.state === 'disconnected')
    expect(new Set(deleted.errors)).toEqual(new Set([4001]))
    await until(async () => {
      flagged.errors.length = 0
      channel.trigger('client-a', {})
      await fetch(`http://127.0.0.1:${soketi.port}/`) // an answer to which follows the one on the socket
      return flagged.errors.length === 0
    })
    for (const { states } of [flagged, other]) expect(states).toEqual(['connected'])
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

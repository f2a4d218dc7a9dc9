import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connect, disconnectAll } from '../../../harness/clients.ts'
import { type Endpoint, httpDriver, startEndpoint } from '../../../harness/local-endpoint.ts'
import { type Region, startRegion } from '../../../harness/misbehaving-region.ts'
import { ANY_NODE } from '../../../harness/nodes.ts'
import { readMetric } from '../../../harness/read-metric.ts'
import { killAll, type Soketi, startSoketi } from '../../../harness/soketi-process.ts'
import { until } from '../../../harness/until.ts'

/** One table with two endpoints; the stack of the second has no change feed. */
let endpoint: Endpoint
let withoutFeed: Endpoint
beforeAll(async () => {
  endpoint = await startEndpoint()
  withoutFeed = await startEndpoint({ endpoint: endpoint.dynamodb, table: 'apps' })
})
afterEach(disconnectAll)
afterAll(async () => {
  await killAll()
  await withoutFeed.close()
  await endpoint.close()
})

const CASES = [
  {
    what: 'an endpoint from before the change feed, which has no such route',
    answers: () => endpoint,
    misbehave: 'has no route for changes',
    pollIntervalMs: 1_000,
    state: 'no-feed',
    why: /the endpoint has no change feed: \S/,
    polls: 1,
  },
  {
    what: 'an endpoint whose stack has no change feed',
    answers: () => withoutFeed,
    pollIntervalMs: 1_000,
    state: 'no-feed',
    why: /the endpoint has no change feed: feed-unavailable/,
    polls: 1,
  },
  {
    what: 'an endpoint with a change feed that it is told not to follow',
    answers: () => endpoint,
    pollIntervalMs: 0,
    state: 'off',
    why: /the change feed is turned off/,
    polls: 0,
  },
] as const

describe.each(CASES)('a node on $what', ({ answers, pollIntervalMs, state, why, polls, ...given }) => {
  let region: Region
  let soketi: Soketi
  beforeAll(async () => {
    region = await startRegion(answers().url)
    if ('misbehave' in given) await region.misbehave(given.misbehave)
    soketi = await startSoketi({
      node: ANY_NODE,
      env: httpDriver(region.url, {
        SOKETI_METRICS_ENABLED: '1',
        SOKETI_APP_MANAGER_HTTP_FEED_POLL_INTERVAL_MS: String(pollIntervalMs),
        SOKETI_APP_MANAGER_HTTP_REVALIDATE_INTERVAL_MS: '200',
        SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: '1000',
      }),
    })
  })
  afterAll(async () => {
    await soketi.kill()
    await region.close()
  })

  it('logs once why changes are not followed, and polls the feed at most once a minute', async () => {
    const batches = () => readMetric(soketi, 'http_app_manager_requests_total', 'kind="batch"')
    await connect(soketi.port, 'demo-key').connected()
    await until(async () => (await batches()) > 3, 20_000)
    const lines = soketi
      .output()
      .split('\n')
      .filter((line) => /changes are /.test(line))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/changes are not followed .* and are seen within 1 s/)
    expect(lines[0]).toMatch(why)
    expect(await readMetric(soketi, 'http_app_manager_feed_state', `state="${state}"`)).toBe(1)
    expect(region.requests.filter((line) => line.startsWith('GET /changes'))).toHaveLength(polls)
  })

  it('detects changes by its TTLs: a disabled app and a deleted one close their sockets', async () => {
    const ids = [`switched-${soketi.port}`, `removed-${soketi.port}`] as const
    await Promise.all(ids.map((id) => endpoint.put(id)))
    const [switched, removed] = ids.map((id) => connect(soketi.port, `${id}-key`))
    await Promise.all([switched?.connected(), removed?.connected()])
    await endpoint.put(ids[0], { Enabled: { BOOL: false } })
    await endpoint.remove(ids[1])
    await answers().restart()
    await until(() => switched?.errors.includes(4003) && removed?.errors.includes(4001), 20_000)
    expect(region.requests.filter((line) => line.startsWith('GET /changes'))).toHaveLength(polls)
    expect(await readMetric(soketi, 'http_app_manager_region_state', 'state="answering"')).toBe(1)
  })
})

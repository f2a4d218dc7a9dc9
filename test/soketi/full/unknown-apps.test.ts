import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { NO_APP_ID } from '../../../adapter/lookup/endpoint/request.ts'
import { backend, connect, disconnectAll } from '../../../harness/clients.ts'
import { type Endpoint, httpDriver, startEndpoint } from '../../../harness/local-endpoint.ts'
import { type MadeUpRequests, sendMadeUpRequests } from '../../../harness/made-up-requests.ts'
import { ANY_NODE } from '../../../harness/nodes.ts'
import { killAll, startSoketi } from '../../../harness/soketi-process.ts'
import { until } from '../../../harness/until.ts'

const APPS = 60

/** The endpoint runs on the same machine as the requests, so it can be slow. */
const ENV = {
  SOKETI_METRICS_ENABLED: '1',
  SOKETI_APP_MANAGER_HTTP_ATTEMPT_TIMEOUT_MS: '15000',
  SOKETI_APP_MANAGER_HTTP_LOOKUP_TIMEOUT_MS: '15000',
}

let endpoint: Endpoint
let requests: MadeUpRequests | undefined
beforeAll(async () => {
  endpoint = await startEndpoint()
  for (let i = 0; i < 2 * APPS; i += 1) await endpoint.put(`app-${i}`)
})
afterEach(async () => {
  requests?.stop()
  disconnectAll()
  await killAll()
})
afterAll(() => endpoint.close())

describe('a node that has seen no app yet', () => {
  it.for([200, 1_000])(
    'serves 60 apps during %d requests a second for made-up apps',
    { timeout: 60_000 },
    async (perSecond, { annotate }) => {
      const soketi = await startSoketi({ node: ANY_NODE, env: httpDriver(endpoint.url, ENV) })
      const seenBefore = endpoint.requests.length
      const startedAt = performance.now()
      requests = sendMadeUpRequests(soketi.port, perSecond)
      await until(() => (requests?.sent() ?? 0) >= 2 * perSecond)

      const clients = Array.from({ length: APPS }, (_, i) => connect(soketi.port, `app-${i}-key`))
      const connects = await Promise.all(clients.map((client) => timeOf(client.connected(30_000))))
      const backends = Array.from({ length: APPS }, (_, i) => backend(soketi.port, `app-${APPS + i}`))
      const publishes = await Promise.all(
        backends.map((each) => timeOf(each.trigger('news', 'headline', 'hello').catch(() => 'rejected'))),
      )
      const seconds = (performance.now() - startedAt) / 1000
      const seen = endpoint.requests.slice(seenBefore)
      const isLookup = (line: string) => line.startsWith('GET /apps/')
      // Probes of a slow region are no lookups of unknown names, nor are polls, and batches, one a second at most each.
      expect(seen.filter((line) => !isLookup(line)).length).toBeLessThanOrEqual(2 * (seconds + 1))
      expect(seen.filter((line) => isLookup(line) && !line.endsWith(NO_APP_ID)).length).toBeLessThanOrEqual(
        50 * (seconds + 1),
      )
      // None is rejected on an idle machine. On a busy one, a node that is paused for seconds must reject some.
      const rejected = [
        clients.filter(({ errors }) => errors.length > 0).length,
        publishes.filter(({ result }) => result === 'rejected').length,
      ] as const
      for (const count of rejected) expect(count).toBeLessThan(APPS / 2)
      await annotate(
        `connected: ${show(connects)}, ${rejected[0]} rejected; published: ${show(publishes)}, ${rejected[1]} rejected`,
      )
    },
  )
})

async function timeOf<T>(work: Promise<T>): Promise<{ readonly ms: number; readonly result: T }> {
  const startedAt = performance.now()
  const result = await work
  return { ms: performance.now() - startedAt, result }
}

function show(timed: readonly { readonly ms: number }[]): string {
  const sorted = timed.map(({ ms }) => Math.round(ms)).sort((a, b) => a - b)
  return `median ${sorted[Math.floor(sorted.length / 2)]} ms, max ${sorted.at(-1)} ms`
}

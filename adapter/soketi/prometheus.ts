import { FEED_STATES, type LookupStats, type RegionState } from '../lookup/index.ts'
import type { HttpAppManager } from './app-manager.ts'
import type { RequireFromSoketi, Server } from './soketi.ts'

type Metric = {
  reset(): void
  labels(...values: (string | number)[]): { inc(value: number): void }
}
type MetricOptions = {
  name: string
  help: string
  labelNames: string[]
  registers: unknown[]
  collect(this: Metric): void
}
/** The part of prom-client 14 that is used; it is soketi's own copy. */
export type PromClient = Record<'Counter' | 'Gauge', new (options: MetricOptions) => Metric>

/** The values of the labels, and the metric's own. */
type Sample = readonly [...labels: string[], value: number]

type Read = (stats: LookupStats, manager: HttpAppManager) => readonly Sample[]

type Definition = readonly [name: string, help: string, labels: readonly string[], read: Read]

/**
 * Adds the adapter's metrics to soketi's own Prometheus registry, where soketi's metrics are on.
 * They are read when they are scraped; in between they cost nothing.
 */
export function registerMetrics(server: Server, manager: HttpAppManager, require: RequireFromSoketi): void {
  const register = server.metricsManager?.driver?.register
  if (!server.options.metrics.enabled || !register) return
  const promClient = require('prom-client') as PromClient
  const prefix = `${server.options.metrics.prometheus.prefix}http_app_manager_`
  const { port } = server.options
  for (const [name, help, labels, read] of METRICS) {
    const Kind = name.endsWith('_total') ? promClient.Counter : promClient.Gauge
    new Kind({
      name: prefix + name,
      help,
      labelNames: [...labels, 'port'],
      registers: [register],
      collect() {
        this.reset()
        for (const sample of read(manager.lookup.stats(), manager))
          this.labels(...sample.slice(0, -1), port).inc(sample[labels.length] as number)
      },
    })
  }
}

const REGION_STATES: readonly RegionState[] = ['answering', 'failing', 'denied']

/** Counters end in `_total`; the others are gauges. */
const METRICS: readonly Definition[] = [
  ['lookups_total', 'Lookups of apps, by outcome.', ['outcome'], ({ lookups }) => Object.entries(lookups)],
  [
    'rejected_total',
    'Clients, requests and webhooks that were rejected because a lookup failed.',
    ['kind'],
    (_, { rejected }) => Object.entries(rejected),
  ],
  [
    'previous_secret_total',
    'Signatures that only the previous secret of an app made.',
    ['kind'],
    (_, { signatures }) => Object.entries(signatures.previous),
  ],
  [
    'waiting_sockets',
    'Clients that wait because their app could not be looked up.',
    [],
    (_, { waitingRoom }) => [[waitingRoom.size]],
  ],
  ['known_apps', 'Apps in the cache.', [], ({ knownApps }) => [[knownApps]]],
  [
    'negative_results',
    'Negative results and failures in the cache.',
    [],
    ({ negativeResults }) => [[negativeResults]],
  ],
  [
    'oldest_served_seconds',
    'How long ago the oldest app served in the last one to two minutes was last known to be current.',
    [],
    ({ oldestServedMs }) => [[oldestServedMs / 1000]],
  ],
  [
    'feed_state',
    'Whether changes are followed, and if not, why: 1 for the current state.',
    ['state'],
    ({ revalidation }) => FEED_STATES.map((state) => [state, Number(state === revalidation.feed)]),
  ],
  [
    'feed_heartbeat_age_seconds',
    'Age of the newest heartbeat of the change feed.',
    [],
    ({ revalidation: { heartbeatAgeMs } }) => (heartbeatAgeMs === undefined ? [] : [[heartbeatAgeMs / 1000]]),
  ],
  [
    'feed_hints_total',
    'Hints received from the change feed.',
    [],
    ({ revalidation }) => [[revalidation.hints]],
  ],
  [
    'followed_apps',
    'Apps in the cache that are followed.',
    [],
    ({ revalidation }) => [[revalidation.followedApps]],
  ],
  [
    'revalidation_queue_length',
    'Apps that wait for revalidation.',
    [],
    ({ revalidation }) => [[revalidation.queueLength]],
  ],
  [
    'revalidations_total',
    'Revalidations of apps, by outcome.',
    ['outcome'],
    ({ revalidation }) => Object.entries(revalidation.outcomes),
  ],
  [
    'region_state',
    'State of each region: 1 for the current state.',
    ['region', 'state'],
    ({ regions }) =>
      regions.flatMap(({ origin, state }) =>
        REGION_STATES.map((each): Sample => [origin, each, Number(each === state)]),
      ),
  ],
  [
    'region_in_use',
    '1 for the region in use.',
    ['region'],
    ({ regions }) => regions.map(({ origin, inUse }) => [origin, Number(inUse)]),
  ],
  [
    'requests_total',
    'Requests to the endpoint, by kind and outcome.',
    ['region', 'kind', 'outcome'],
    ({ regions }) =>
      regions.flatMap(({ origin, requests }) =>
        Object.entries(requests).flatMap(([kind, counts]) =>
          Object.entries(counts).map(([outcome, times]): Sample => [origin, kind, outcome, times]),
        ),
      ),
  ],
]

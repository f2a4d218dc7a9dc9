import type { HttpAppManager } from './app-manager.ts'
import type { RequireFromSoketi, Server } from './soketi.ts'

type Labels = Record<string, string | number>
type Metric = { reset(): void; inc(labels: Labels, value: number): void }
type MetricOptions = {
  name: string
  help: string
  labelNames: string[]
  registers: unknown[]
  collect(this: Metric): void
}
/** The part of prom-client 14 that is used; it is soketi's own copy. */
export type PromClient = Record<'Counter' | 'Gauge', new (options: MetricOptions) => Metric>

type Sample = readonly [value: number, labels?: Labels]

/**
 * Adds the adapter's metrics to soketi's own Prometheus registry, where soketi's metrics are on.
 * They are read when they are scraped; in between they cost nothing.
 */
export function registerMetrics(server: Server, manager: HttpAppManager, require: RequireFromSoketi): void {
  const register = server.metricsManager?.driver?.register
  if (!server.options.metrics.enabled || !register) return
  const { Counter, Gauge } = require('prom-client') as PromClient
  const prefix = `${server.options.metrics.prometheus.prefix}http_app_manager_`
  const { port } = server.options
  const add = (
    Kind: typeof Counter,
    name: string,
    help: string,
    labels: string[],
    read: () => readonly Sample[],
  ) =>
    new Kind({
      name: prefix + name,
      help,
      labelNames: [...labels, 'port'],
      registers: [register],
      collect() {
        this.reset()
        for (const [value, labels] of read()) this.inc({ ...labels, port }, value)
      },
    })
  const stats = () => manager.lookup.stats()

  add(Counter, 'lookups_total', 'Lookups of apps, by how they ended.', ['outcome'], () =>
    Object.entries(stats().lookups).map(([outcome, times]) => [times, { outcome }]),
  )
  add(
    Counter,
    'turned_away_total',
    'Clients, requests and webhooks whose app could not be known.',
    ['kind'],
    () => Object.entries(manager.rejected).map(([kind, times]) => [times, { kind }]),
  )
  add(Gauge, 'known_apps', 'Apps in the cache.', [], () => [[stats().knownApps]])
  add(Gauge, 'remembered_misses', 'Names in the cache that are no known app.', [], () => [
    [stats().rememberedMisses],
  ])
  add(Gauge, 'oldest_served_seconds', 'Age of the oldest answer served lately.', [], () => [
    [stats().oldestServedMs / 1000],
  ])
  add(Gauge, 'region_state', 'State of each region: 1 for the one it is in.', ['region', 'state'], () =>
    stats().regions.flatMap(({ origin, state }) =>
      ['answering', 'failing', 'denied'].map(
        (each): Sample => [each === state ? 1 : 0, { region: origin, state: each }],
      ),
    ),
  )
  add(Gauge, 'region_in_use', 'The region that is asked: 1.', ['region'], () =>
    stats().regions.map(({ origin, inUse }) => [inUse ? 1 : 0, { region: origin }]),
  )
  add(
    Counter,
    'requests_total',
    'Requests to the endpoint, by what came of them.',
    ['region', 'outcome'],
    () =>
      stats().regions.flatMap(({ origin, requests }) =>
        Object.entries(requests).map(([outcome, times]): Sample => [times, { region: origin, outcome }]),
      ),
  )
}

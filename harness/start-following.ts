import { httpDriver } from './local-endpoint.ts'
import type { SoketiNode } from './nodes.ts'
import { readMetric } from './read-metric.ts'
import { type Soketi, startSoketi } from './soketi-process.ts'
import { until } from './until.ts'

const TEN_MINUTES = '600000'
/** Settings with which a node detects a change only through the change feed during a test. */
const FOLLOWING = {
  SOKETI_APP_MANAGER_HTTP_FEED_POLL_INTERVAL_MS: '1000',
  SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: TEN_MINUTES,
  SOKETI_APP_MANAGER_HTTP_REVALIDATE_INTERVAL_MS: TEN_MINUTES,
  SOKETI_METRICS_ENABLED: '1',
}

/** Starts a soketi that follows the change feed of the endpoint at this URL, or of the nearest of several. */
export async function startFollowing(
  node: SoketiNode,
  urls: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Soketi> {
  const soketi = await startSoketi({ node, env: httpDriver(urls, { ...FOLLOWING, ...more }) })
  await until(() => isFollowing(soketi), 20_000)
  return soketi
}

/** Whether a node follows the change feed now, by its metrics. */
export async function isFollowing(soketi: Soketi): Promise<boolean> {
  return (await readMetric(soketi, 'http_app_manager_feed_state', 'state="following"')) === 1
}

/**
 * Waits until all apps of the node are followed. Before that, apps are revalidated even without hints.
 *
 * @param except the number of apps that can't be followed
 */
export async function waitUntilAllFollowed(soketi: Soketi, except = 0): Promise<void> {
  const gauge = (name: string) => readMetric(soketi, `http_app_manager_${name}`)
  await until(
    async () =>
      (await gauge('revalidation_queue_length')) <= except &&
      (await gauge('followed_apps')) === (await gauge('known_apps')) - except,
    30_000,
  )
}

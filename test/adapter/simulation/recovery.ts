import { SECOND } from '../../support/virtual-time.ts'
import { guardedIds } from './oracle.ts'
import type { SimulatedNode } from './simulated-node.ts'
import type { SimulatedWorld } from './simulated-world.ts'
import type { Writers } from './writers.ts'

const ENOUGH_APPS = 100
const JUDGED_MS = 30 * SECOND

/** After a time without faults and writes, a node follows, and does not read known apps again. */
export function judgeRecovery(node: SimulatedNode, world: SimulatedWorld): void {
  if (!world.options.hasFeed) return
  const { knownApps, revalidation } = node.lookup.stats()
  const { feed, followedApps, queueLength } = revalidation
  if (feed !== 'following') node.violate(`does not follow again: ${feed}`)
  // A node whose cache is too small reads apps repeatedly.
  if (node.options.maxApps < ENOUGH_APPS) return
  const { nearest, time } = world
  const isKnown = (id: string) => node.lookup.peek(id) !== undefined
  const gone = guardedIds(nearest.stack, time.now, { isKnown, knownApps })
  const guarded = gone.filter(isKnown).length
  if (followedApps < knownApps - guarded) node.violate(`follows ${followedApps} of ${knownApps} apps`)
  if (queueLength > guarded) node.violate(`has ${queueLength} apps in the queue`)
  const since = time.now - JUDGED_MS
  const batches = node.history.mostWithin(JUDGED_MS, ['batch'], since)
  const learned = node.history.exchanges.filter(
    ({ kind, status, sentAt }) => kind === 'lookup' && status === 200 && sentAt >= since,
  ).length
  // Apps that the guard holds, or held until now, are read twice per minute. Apps that were looked up for the first time are
  // read once more.
  if (batches > 1 + gone.length + learned) node.violate(`sends ${batches} batches without a change`)
}

/** Without faults, a change is known soon after the write, even without lookups. */
export async function judgeFreshness(
  nodes: readonly SimulatedNode[],
  world: SimulatedWorld,
  writers: Writers,
): Promise<void> {
  if (!world.options.hasFeed) return
  for (const { id, key } of writers.apps().slice(0, 5)) writers.put(id, key)
  const pollMs = Math.max(...nodes.map(({ options }) => options.pollIntervalMs))
  await world.time.run(2 * world.options.delayMs + 1.1 * pollMs + 4 * SECOND)
  for (const node of nodes)
    for (const { id, maxConnections } of writers.apps()) {
      const known = node.lookup.peek(id)
      if (known !== undefined && known.maxConnections !== maxConnections) node.violate(`${id} is known late`)
    }
}

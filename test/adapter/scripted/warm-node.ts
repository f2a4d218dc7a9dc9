import type { AppLookup } from '../../../adapter/lookup/index.ts'
import { SECOND, VirtualTime } from '../../support/virtual-time.ts'
import { startWorld } from './node.ts'

type Options = Parameters<typeof startWorld>[1]

/** A node that follows, and has read all apps. */
export async function startFollowingNode(options: Options = {}) {
  const time = new VirtualTime()
  const world = startWorld(time, { unknownLookupsPerSecond: 10_000, ...options })
  const { lookup, near } = world
  await time.run(SECOND)
  for (const id of near.table.ids()) void lookup.findById(id)
  await time.run(10 * SECOND)
  const feed = () => lookup.stats().revalidation
  return { ...world, time, find: finderOf(lookup, time), feed }
}

/** A node that does not follow changes, and has read all apps. */
export async function startWithoutFeed(options: Options = {}) {
  const time = new VirtualTime()
  const world = startWorld(time, { feedPollIntervalMs: 0, unknownLookupsPerSecond: 10_000, ...options })
  const { lookup, near, users } = world
  for (const id of near.table.ids()) void lookup.findById(id)
  await time.run(SECOND)
  const batches = () => near.arrivals.filter(({ request }) => request.kind === 'batch')
  const use = (ids: readonly string[]) => {
    for (const id of ids) users.add(id)
  }
  return { ...world, time, find: finderOf(lookup, time), batches, use }
}

/** Looks up an app, and gives the lookup 100 ms. */
function finderOf(lookup: AppLookup, time: VirtualTime) {
  return async (id: string) => {
    const found = lookup.findById(id)
    await time.run(100)
    return found
  }
}

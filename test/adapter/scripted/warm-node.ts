import { SECOND, VirtualTime } from '../virtual-time.ts'
import { startWorld } from './node.ts'

/** A node that follows, and has read all apps. */
export async function startFollowingNode(options: Parameters<typeof startWorld>[1] = {}) {
  const time = new VirtualTime()
  const world = startWorld(time, { unknownLookupsPerSecond: 10_000, ...options })
  const { lookup, near } = world
  const find = async (id: string) => {
    const found = lookup.findById(id)
    await time.run(100)
    return found
  }
  await time.run(SECOND)
  for (const id of near.table.ids()) void lookup.findById(id)
  await time.run(10 * SECOND)
  const feed = () => lookup.stats().revalidation
  return { ...world, time, find, feed }
}

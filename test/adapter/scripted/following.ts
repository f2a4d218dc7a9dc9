import type { Request } from '../../../adapter/lookup/request.ts'
import { SECOND, VirtualTime } from '../virtual-time.ts'
import { startWorld } from './node.ts'

export const idsOf = (count: number) => Array.from({ length: count }, (_, i) => `app-${i}`)
export const itemsOf = (request: Request): { id: string; etag?: string }[] =>
  JSON.parse(request.body ?? '').apps

/** A node that follows, and has read all apps. */
export async function startFollowing(options: Parameters<typeof startWorld>[1] = {}) {
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

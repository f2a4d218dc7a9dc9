import type { Settings, Traffic } from '../../bench/scale/cost-model.ts'
import { type Load, zipf } from '../../bench/scale/load.ts'
import { appOf, startWorld } from '../adapter/world/node.ts'
import type { Random } from '../support/random.ts'

const WARM_UP_SECONDS = 300

/** Runs the adapter's real lookup as one node under this load, in virtual time, and counts its requests per second. */
export async function countTraffic(
  { lookupsPerSecond, apps, unknownShare, unknownNames, socketsPerLookup, changesPerHour }: Load,
  { appTtl, negativeTtl, pollInterval = 0 }: Settings,
): Promise<{ readonly counted: Traffic; readonly seconds: number }> {
  const { time, near, random, lookup, users } = await startWorld({
    apps,
    feedPollIntervalMs: 1000 * pollInterval,
    unknownLookupsPerSecond: apps,
    ...(pollInterval > 0
      ? { followedMaxMs: 1000 * appTtl }
      : { appTtlMs: 1000 * appTtl, negativeCacheTtlMs: 1000 * negativeTtl }),
  })
  const shares = zipf(apps).flatMap(({ count, share }) => Array<number>(count).fill(share))
  const drawApp = drawFrom(shares, random)
  for (const [i, share] of shares.entries())
    if (random.chance(-Math.expm1(-socketsPerLookup * lookupsPerSecond * share))) users.add(`app-${i}`)

  const lookUpOne = () => {
    if (random.chance(unknownShare))
      void lookup.findByKey(`unknown-${Math.floor(unknownNames * random.next())}`)
    else if (random.chance(0.5)) void lookup.findById(`app-${drawApp()}`)
    else void lookup.findByKey(`key-of-app-${drawApp()}`)
  }
  const changeOne = () => {
    const id = `app-${Math.floor(apps * random.next())}`
    near.write(id, appOf(id))
  }
  // Four renewals of each app, because all are read at the start.
  const seconds = Math.max(400, 3.6 * appTtl)
  const from = time.now + 1000 * WARM_UP_SECONDS
  const until = from + 1000 * seconds
  const wait = (perSecond: number) => time.sleep((-Math.log(1 - random.next()) / perSecond) * 1000)
  const repeat = async (perSecond: number, call: () => void) => {
    for (await wait(perSecond); time.now < until; await wait(perSecond)) call()
  }
  for (const i of shares.keys()) void lookup.findById(`app-${i}`)
  void repeat(lookupsPerSecond, lookUpOne)
  if (changesPerHour > 0) void repeat(changesPerHour / 3600, changeOne)
  await time.run(until - time.now)
  await lookup.close()

  const batches = near.arrivals
    .filter(({ at, request }) => at >= from && request.kind === 'batch')
    .map(({ request }): Batch => JSON.parse(request.body ?? ''))
  const appsIn = (some: readonly Batch[]) => some.reduce((sum, batch) => sum + batch.apps.length, 0)
  const counted = {
    lookups: near.count('lookup', from) / seconds,
    batches: batches.length / seconds,
    revalidated: appsIn(batches) / seconds,
    consistent: appsIn(batches.filter(({ consistent }) => consistent)) / seconds,
    polls: near.count('poll', from) / seconds,
  }
  return { counted, seconds }
}

type Batch = { readonly consistent?: boolean; readonly apps: readonly unknown[] }

/** Draws an index with the probability of its share. */
function drawFrom(shares: readonly number[], random: Random): () => number {
  let sum = 0
  const ends = shares.map((share) => {
    sum += share
    return sum
  })
  return () => {
    const place = random.next()
    return ends.findIndex((end) => place < end)
  }
}

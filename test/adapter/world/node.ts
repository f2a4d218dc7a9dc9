import { onTestFinished } from 'vitest'
import {
  type App,
  type AppLookup,
  type AppLookupOptions,
  createAppLookup,
} from '../../../adapter/lookup/index.ts'
import { createRandom } from '../../support/random.ts'
import { SECOND, startVirtualGlobals, VirtualTime } from '../../support/virtual-time.ts'
import { LiveApps } from '../live-apps.ts'
import { appOf as appOfVersion } from './memory-stack.ts'
import { Region } from './region.ts'
import { RequestHistory } from './request-history.ts'

export type WorldOptions = Partial<AppLookupOptions> & {
  readonly apps?: number
  readonly regions?: number
  readonly seed?: number
  /** The stream has only the keys of items. */
  readonly isKeysOnly?: boolean
}

const REGIONS = ['eu-west-1', 'us-east-1']

/** The clock of a node is not that of the functions. */
const AHEAD_MS = 2 * 86_400_000

/** Regions with some apps, and a lookup that uses them, nearest first; until the end of the test, all in virtual time. */
export async function startWorld({
  apps = 3,
  regions: count = 1,
  seed = 1,
  isKeysOnly = false,
  ...options
}: WorldOptions = {}) {
  const time = new VirtualTime()
  const random = createRandom(seed)
  onTestFinished(startVirtualGlobals(time, random.fork('globals').next))
  const regions = REGIONS.slice(0, count).map((name) => new Region(name, time, random, isKeysOnly))
  const [near] = regions
  if (near === undefined) throw new Error('no region')
  for (const id of idsOf(apps)) {
    const app = appOf(id)
    for (const region of regions) region.write(id, app)
  }
  await time.run((2 + apps / 50) * SECOND)

  const lines: string[] = []
  /** The changes that open sockets got. Those of a disabled or deleted app are closed. */
  const told: { readonly id: string; readonly app: App | undefined; readonly at: number }[] = []
  const clock = () => time.now + AHEAD_MS
  const waiting = [...regions]
  const lookup = createAppLookup({
    url: regions.map(({ stack }) => `https://${stack.region}.example`),
    token: 'made-up-token',
    clock,
    log: (level, message) => lines.push(`${level} ${message}`),
    ...options,
    ports: {
      timers: time,
      random: random.next,
      createEndpoint: () => {
        const region = waiting.shift()
        if (region === undefined) throw new Error('more endpoints than regions')
        return region.gateway.createEndpoint(new RequestHistory(near.stack.region))
      },
      ...options.ports,
    },
  })
  const users = new LiveApps(lookup)
  lookup.onChange((id, app) => {
    if (!users.has(id)) return
    told.push({ id, app, at: time.now })
    if (!app?.enabled) users.delete(id)
  })
  return { time, random, clock, near, regions, lookup, users, told, lines }
}

/** A node that follows, and has read all apps. */
export async function startFollowingNode(options: WorldOptions = {}) {
  const world = await startWorld({ unknownLookupsPerSecond: 10_000, ...options })
  const { lookup, time } = world
  await time.run(SECOND)
  for (const id of idsOf(options.apps)) void lookup.findById(id)
  await time.run(10 * SECOND)
  const feed = () => lookup.stats().revalidation
  return { ...world, find: finderOf(lookup, time), feed }
}

/** A node that does not follow changes, and has read all apps. */
export async function startWithoutFeed(options: WorldOptions = {}) {
  const world = await startWorld({ feedPollIntervalMs: 0, unknownLookupsPerSecond: 10_000, ...options })
  const { lookup, time, near, users } = world
  for (const id of idsOf(options.apps)) void lookup.findById(id)
  await time.run(SECOND)
  const batches = () => near.arrivals.filter(({ request }) => request.kind === 'batch')
  const use = (ids: readonly string[]) => {
    for (const id of ids) users.add(id)
  }
  return { ...world, find: finderOf(lookup, time), batches, use }
}

/** Looks up an app, and gives the lookup 100 ms. */
function finderOf(lookup: AppLookup, time: VirtualTime) {
  return async (id: string) => {
    const found = lookup.findById(id)
    await time.run(100)
    return found
  }
}

/** The ids of the apps of a world with this number of apps. */
export const idsOf = (apps = 3) => Array.from({ length: apps }, (_, i) => `app-${i}`)

let versions = 0

/** An app that is different from all earlier ones. */
export function appOf(id: string, { key = `key-of-${id}`, enabled = true } = {}) {
  versions += 1
  return appOfVersion(id, key, versions, enabled)
}

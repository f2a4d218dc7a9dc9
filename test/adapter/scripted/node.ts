import {
  type App,
  type AppLookup,
  type AppLookupOptions,
  createAppLookup,
} from '../../../adapter/lookup/index.ts'
import { createRandom, type Random } from '../../support/random.ts'
import type { VirtualTime } from '../../support/virtual-time.ts'
import { RegionDouble } from './region-double.ts'

/** A real lookup on simulated regions, in virtual time. */
export type ScriptedNode = {
  readonly lookup: AppLookup
  /** The ids of apps that have open sockets here. */
  readonly users: Set<string>
  /** What open sockets were told. Those of a disabled or deleted app are closed. */
  readonly told: { readonly id: string; readonly app: App | undefined; readonly at: number }[]
  readonly lines: string[]
}

export const URLS = ['https://near.example', 'https://far.example']

/** Starts a lookup on these regions, nearest first. */
export function startNode(
  time: VirtualTime,
  random: Random,
  regions: readonly RegionDouble[],
  options: Partial<AppLookupOptions> = {},
): ScriptedNode {
  const lines: string[] = []
  const users = new Set<string>()
  const told: ScriptedNode['told'] = []
  const lookup = createAppLookup({
    url: URLS.slice(0, regions.length),
    token: 'made-up-token',
    clock: time.clock,
    log: (level, message) => lines.push(`${level} ${message}`),
    ...options,
    ports: {
      timers: time,
      random: random.next,
      createEndpoint: (url) => {
        const region = regions[URLS.indexOf(url.origin)]
        if (region === undefined) throw new Error('no such region')
        return region.endpoint()
      },
      ...options.ports,
    },
  })
  lookup.keepCurrent({
    ids: () => users,
    changed: (id, app) => {
      if (!users.has(id)) return
      told.push({ id, app, at: time.now })
      if (!app?.enabled) users.delete(id)
    },
  })
  return { lookup, users, told, lines }
}

/** A region with this number of apps, and a node that uses it. */
export function startWorld(
  time: VirtualTime,
  {
    apps = 3,
    regions = 1,
    seed = 1,
    ...options
  }: Partial<AppLookupOptions> & {
    readonly apps?: number
    readonly regions?: number
    readonly seed?: number
  } = {},
) {
  const random = createRandom(seed)
  const all = URLS.slice(0, regions).map((url) => new RegionDouble(url, time, random))
  const known = idsOf(apps).map((id) => appOf(id))
  for (const region of all) {
    for (const app of known) region.table.put(app.id, app)
    region.log.beat(time.now)
    region.beat()
  }
  const [near] = all
  if (near === undefined) throw new Error('no region')
  return { near, regions: all, random, ...startNode(time, random, all, options) }
}

/** The ids of the apps of a world with this number of apps. */
export const idsOf = (apps: number) => Array.from({ length: apps }, (_, i) => `app-${i}`)

let versions = 0

/** An app that is different from all earlier ones. */
export function appOf(id: string, fields: { readonly key?: string; readonly enabled?: boolean } = {}) {
  versions += 1
  return {
    id,
    key: `key-of-${id}`,
    secret: 'made-up-secret',
    enabled: true,
    maxConnections: versions,
    ...fields,
  }
}

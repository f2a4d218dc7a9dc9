import { breakEven } from './break-even.ts'
import { DEFAULTS, type Load } from './load.ts'

/** TTLs to choose between; times in seconds. */
export const SETTINGS = [
  { title: 'as they are: 30 / 5 s, functions 10 s', change: {} },
  { title: '60 / 5 s, functions 10 s', change: { appTtl: 60 } },
  { title: 'long: 300 / 60 s, functions 60 s', change: { appTtl: 300, missTtl: 60, functionTtl: 60 } },
] as const satisfies readonly { title: string; change: Partial<Load> }[]

/** The load of the figure to reach: 100 nodes, 50 lookups a second each, 1,000 apps, long TTLs. */
export const GOAL: Load = { ...DEFAULTS, ...SETTINGS[2].change }

/** From one small node to the largest that anyone runs. */
export const SIZES: readonly Pick<Load, 'nodes' | 'lookupsPerSecond' | 'apps'>[] = [
  { nodes: 1, lookupsPerSecond: 5, apps: 10 },
  { nodes: 3, lookupsPerSecond: 20, apps: 10 },
  { nodes: 10, lookupsPerSecond: 50, apps: 100 },
  { nodes: 100, lookupsPerSecond: 50, apps: 1_000 },
  { nodes: 1_000, lookupsPerSecond: 50, apps: 10_000 },
  { nodes: 10_000, lookupsPerSecond: 50, apps: 1_000_000 },
]

const APPS = [10, 100, 1_000, 10_000, 100_000, 1_000_000]

/** For one choice of TTLs: the break-even, in lookups a second of a node, for each number of apps. */
export type Curve = {
  readonly title: string
  readonly points: readonly {
    readonly apps: number
    /** Against soketi's own driver as it is. */
    readonly uncached: number | undefined
    /** Against soketi's own driver with its cache at the same TTL. */
    readonly cached: number | undefined
  }[]
}

/** The break-even for every choice of TTLs and number of apps, at 100 nodes. */
export function curves(): readonly Curve[] {
  return SETTINGS.map(({ title, change }) => ({
    title,
    points: APPS.map((apps) => {
      const load: Load = { ...DEFAULTS, ...change, apps }
      return { apps, uncached: breakEven(load), cached: breakEven(load, load.appTtl) }
    }),
  }))
}

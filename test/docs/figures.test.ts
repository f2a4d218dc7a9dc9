import { quantile } from 'simple-statistics'
import { describe, expect, it } from 'vitest'
import type { Kind } from '../../bench/feed/changes.ts'
import { VARIANTS } from '../../bench/feed/feed-report.ts'
import {
  cachedDriverDollars,
  endpointDollars,
  ownDriverDollars,
  type Settings,
} from '../../bench/scale/cost-model.ts'
import { CACHE_TTL, curves, SETTINGS } from '../../bench/scale/cost-report.ts'
import { DEFAULT_LOAD } from '../../bench/scale/load.ts'
import { measuredValues } from '../../bench/scale/measured.ts'
import { README } from './readme.ts'

// If a line is missing, the figures have changed: copy the line from the error into the README.

const SETTINGS_IN_README: Readonly<Record<string, keyof typeof SETTINGS>> = {
  'the change feed (the default)': 'feed, 15 min',
  'the change feed, `FOLLOWED_MAX_MS` of 1 h': 'feed, 1 h',
  'no change feed': 'TTLs 30 / 5 s',
}

describe("the README's figures", () => {
  it('are those of changes', () => {
    const lines = [
      row('a changed app, with the change feed', [
        typical(VARIANTS.node, 'disable', 'update'),
        "the adapter's poll interval, 5 s",
      ]),
      row('the same, polled every second', [
        typical(VARIANTS.fast, 'disable', 'update'),
        '`FEED_POLL_INTERVAL_MS`',
      ]),
      row('a deleted app, with the change feed', [
        typical(VARIANTS.node, 'delete'),
        'it is read twice, 5 s apart',
      ]),
    ]
    expect(missingOf(lines)).toEqual([])
  })

  it('are those of the break-even', () => {
    const all = curves()
    const lines = Object.entries(SETTINGS_IN_README).map(([name, title]) => {
      const points = all.find((curve) => curve.title === title)?.points ?? []
      return row(
        name,
        points.map(({ lookupsPerSecond = Number.NaN }) => rounded(lookupsPerSecond)),
      )
    })
    expect(missingOf(lines)).toEqual([])
  })

  it.each([
    { nodes: 3, lookupsPerSecond: 20, apps: 10 },
    { nodes: 100, lookupsPerSecond: 50, apps: 1_000 },
    { nodes: 1_000, lookupsPerSecond: 50, apps: 10_000 },
  ])('are those of the cost with $apps apps', (size) => {
    const load = { ...DEFAULT_LOAD, ...size }
    const dollars = (settings: Settings) => endpointDollars(load, settings)
    const line = row(
      `${rounded(size.nodes)} × ${size.lookupsPerSecond}, ${rounded(size.apps)} apps`,
      [
        dollars(SETTINGS['feed, 15 min']),
        dollars(SETTINGS['feed, 1 h']),
        ownDriverDollars(load),
        cachedDriverDollars(load, CACHE_TTL),
      ].map((value) => `$${rounded(value)}`),
    )
    expect(missingOf([line])).toEqual([])
  })
})

function typical(variant: string, ...kinds: readonly Kind[]): string {
  const seconds = kinds.flatMap((kind) => measuredValues('feed', variant, `${kind} s`))
  const [p50, p99] = quantile(seconds, [0.5, 0.99]).map((value) => value.toFixed(1))
  return `typically ${p50} s, 99 % within ${p99} s`
}

const row = (name: string, cells: readonly string[]) => `| ${[name, ...cells].join(' | ')} |`

/** Two digits below 10, a whole number of three digits above. */
const rounded = (value: number) =>
  (value < 10 ? Number(value.toPrecision(2)) : Math.round(Number(value.toPrecision(3)))).toLocaleString('en')

const missingOf = (lines: readonly string[]) => lines.filter((line) => !README.includes(line))

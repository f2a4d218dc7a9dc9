import { readFileSync } from 'node:fs'
import { median, quantile } from 'simple-statistics'
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
import { VARIANTS as DRIVERS } from '../../bench/soketi/soketi-jobs.ts'
import { README } from './readme.ts'

// If a line is missing, the figures have changed: copy the line from the error into the page.

const COST = readFileSync('docs/cost.md', 'utf8')
const FRESHNESS = readFileSync('docs/freshness.md', 'utf8')
const SECRETS = readFileSync('docs/secrets.md', 'utf8')

const SETTINGS_IN_COST: Readonly<Record<string, keyof typeof SETTINGS>> = {
  'the change feed (the default)': 'feed, 15 min',
  'the change feed, `FOLLOWED_MAX_MS` of 1 h': 'feed, 1 h',
  'no change feed': 'TTLs 30 / 5 s',
}

describe('the figures', () => {
  it('of docs/freshness.md are those of changes', () => {
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
    expect(missingOf(FRESHNESS, lines)).toEqual([])
  })

  it('of docs/secrets.md are those of rotations', () => {
    const line = row('with the change feed', [typical(VARIANTS.node, 'rotate')])
    expect(missingOf(SECRETS, [line])).toEqual([])
  })

  it('of docs/cost.md are those of the break-even', () => {
    const all = curves()
    const lines = Object.entries(SETTINGS_IN_COST).map(([name, title]) => {
      const points = all.find((curve) => curve.title === title)?.points ?? []
      return row(
        name,
        points.map(({ lookupsPerSecond = Number.NaN }) => rounded(lookupsPerSecond)),
      )
    })
    expect(missingOf(COST, lines)).toEqual([])
  })

  it.each([
    { nodes: 3, lookupsPerSecond: 20, apps: 10 },
    { nodes: 100, lookupsPerSecond: 50, apps: 1_000 },
    { nodes: 1_000, lookupsPerSecond: 50, apps: 10_000 },
  ])('of docs/cost.md are those of the cost with $apps apps', (size) => {
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
    expect(missingOf(COST, [line])).toEqual([])
  })

  it('of the README are those of handshakes and of the cost of three nodes', () => {
    const array = measuredValues('soketi', DRIVERS.array, 'handshake p50 ms')
    const ratio = (variant: string) =>
      median(
        measuredValues('soketi', variant, 'handshake p50 ms').map((ms, round) => ms / (array[round] ?? 0)),
      ).toFixed(1)
    const { dynamodb, dynamodbCache, warm, cold } = DRIVERS
    const load = { ...DEFAULT_LOAD, nodes: 3, lookupsPerSecond: 20, apps: 10 }
    const lines = [
      row('handshake, as a ratio', [
        '1',
        'not measured',
        `${ratio(dynamodb)}; with soketi's cache ${ratio(dynamodbCache)}`,
        `${ratio(warm)}; the first one of an app ${ratio(cold)}`,
      ]),
      row('$ a month, 3 nodes × 20 lookups/s', [
        '–',
        'your database',
        `${rounded(ownDriverDollars(load))}; with a cache of 30 s ${rounded(cachedDriverDollars(load, CACHE_TTL))}`,
        rounded(endpointDollars(load, SETTINGS['feed, 15 min'])),
      ]),
    ]
    expect(missingOf(README, lines)).toEqual([])
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

const missingOf = (page: string, lines: readonly string[]) => lines.filter((line) => !page.includes(line))

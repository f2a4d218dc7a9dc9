import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { LOG_BYTES } from '../../bench/scale/cost-model.ts'
import { PRICES } from '../../bench/scale/prices.ts'
import { measureRequestBytes } from './request-bytes.ts'

const page = readFileSync(new URL('../../docs/operate.md', import.meta.url), 'utf8')
let measured: Awaited<ReturnType<typeof measureRequestBytes>>
beforeAll(async () => {
  measured = await measureRequestBytes()
}, 30_000)

/** Of a million requests, in cents. */
const dollars = (bytes: number) => ((1e6 * bytes * PRICES.logGb) / 1e9).toFixed(2)

describe.each(['lookup', 'batch', 'poll'] as const)('the logs of a %s', (kind) => {
  it('are as large as the cost model and docs/operate.md say', () => {
    const { api, ofFunction, lambda } = measured[kind]
    const total = api + ofFunction
    expect(LOG_BYTES[kind]).toBe(total)
    const [, row = ''] = new RegExp(`^\\| ${kind}[^|]*\\|(.*)\\|$`, 'm').exec(page) ?? []
    const cells = [api, ofFunction, total, dollars(total), total + lambda, dollars(total + lambda)]
    expect(row.split('|').map((cell) => cell.trim())).toEqual(cells.map(String))
  })
})

it('a successful poll writes no log line', () => {
  expect(measured.poll.ofFunction).toBe(0)
})

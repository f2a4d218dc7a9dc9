import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { breakEven } from '../../bench/scale/break-even.ts'
import { curves } from '../../bench/scale/cases.ts'
import { simulateDriver } from '../../bench/scale/driver.ts'
import { simulateEndpoint } from '../../bench/scale/endpoint.ts'
import { DEFAULTS } from '../../bench/scale/load.ts'
import { plot } from '../../bench/scale/plot.ts'
import { loadTable } from '../../bench/scale/report.ts'
import { results } from '../../bench/scale/results.ts'

describe('the break-even', () => {
  it('is where the endpoint becomes the cheaper one', () => {
    const lookups = breakEven(DEFAULTS) ?? Number.NaN
    const ratioAt = (lookupsPerSecond: number) => {
      const load = { ...DEFAULTS, lookupsPerSecond }
      return simulateEndpoint(load).total.dollarsPerMonth / simulateDriver(load).dollarsPerMonth
    }
    expect(ratioAt(lookups * 0.9)).toBeGreaterThan(1)
    expect(ratioAt(lookups * 1.1)).toBeLessThan(1)
  })

  it('is nowhere for so many apps that hardly one is asked for twice', () => {
    expect(breakEven({ ...DEFAULTS, apps: 1_000_000 })).toBeUndefined()
  })
})

describe('what is committed', () => {
  it('is what the simulation says', async () => {
    const all = curves()
    const read = (name: string) => readFile(new URL(`../../bench/scale/${name}`, import.meta.url), 'utf8')
    expect(await read('RESULTS.md')).toBe(results(all))
    expect(await read('break-even.svg')).toBe(plot(all))
  })
})

describe('the table of one load', () => {
  it('has the lookups, the re-checks and the own driver in lines of their own', () => {
    const lines = loadTable(DEFAULTS).split('\n')
    expect(lines).toHaveLength(7)
    expect(lines[3]).toMatch(/^\| re-checks /)
    expect(lines[5]).toMatch(/own driver +\| – +\| 5,000 /)
  })
})

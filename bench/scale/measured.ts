import { readFileSync } from 'node:fs'
import { median } from 'simple-statistics'

/**
 * The values of another benchmark, from the table "Every value" in its RESULTS.md.
 *
 * @throws {Error} if they are missing: run that benchmark again
 */
export function measuredValues(
  bench: 'functions' | 'feed' | 'soketi',
  variant: string,
  measure: string,
): number[] {
  const results = readFileSync(new URL(`../${bench}/RESULTS.md`, import.meta.url), 'utf8')
  const rows = results.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  const [, , , values] = rows.find((row) => row[1] === variant && row[2] === measure) ?? []
  if (!values) throw new Error(`bench/${bench}/RESULTS.md has no "${measure}" of "${variant}".`)
  return values.split(' ').map(Number)
}

/** The median of it. */
export const measured = (...of: Parameters<typeof measuredValues>): number => median(measuredValues(...of))

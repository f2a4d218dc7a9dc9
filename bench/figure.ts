import { type Summary, summarize } from './statistics.ts'

/** What was found, and the most that it may be if it is something to reach. */
export type Figure = {
  readonly title: string
  readonly goal: number | undefined
  readonly found: Summary | undefined
}

// A ratio repeats to about this much on a busy machine.
const TOLERANCE = 0.03

/** A figure as a row of a table: title, what was found, goal, and whether it is met. */
export function figureRow({ title, goal, found }: Figure): string[] {
  const atMost = goal === undefined ? '–' : `≤ ${goal}`
  if (!found) return [title, 'not measured', atMost, '']
  if (goal === undefined) return [title, spread(found, 3), atMost, '']
  const verdict =
    found.median <= goal ? 'met' : found.median <= goal + TOLERANCE ? 'met within 0.03' : 'missed'
  return [title, spread(found, goal < 0.1 ? 4 : 3), atMost, verdict]
}

/** The middle of some numbers as text, a dash if there are none. */
export function median(values: readonly number[], digits: number): string {
  return values.length > 0 ? summarize(values).median.toFixed(digits) : '–'
}

/** The middle, and in brackets the middle half unless it is one number. */
export function spread(summary: Summary | undefined, digits: number): string {
  if (!summary) return '–'
  const { median, low, high } = summary
  if (low === high) return median.toFixed(digits)
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`
}

import { markdownTable } from 'markdown-table'
import { quantile } from 'simple-statistics'
import { ratios, type Sample, valuesOf } from './rounds.ts'

/** A result, and its maximum if there is a goal. */
export type Figure = {
  readonly title: string
  readonly goal?: number | undefined
  readonly found: readonly number[]
  /** The number of decimals. */
  readonly digits?: number | undefined
}

type Source<Measure> = readonly [variant: string, measure: Measure]

/** The title of a figure, its goal, where its values are, and those to divide them by if it is a ratio. */
export type FigureRow<Measure extends string> = readonly [
  title: string,
  goal: number | undefined,
  source: Source<Measure>,
  divisor?: Source<Measure>,
]

/** A Markdown table with aligned columns, which is readable in a terminal too. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return markdownTable([head, ...rows].map((row) => [...row]))
}

/** The figures of these rows. */
export function figuresOf<Measure extends string>(
  samples: readonly Sample<Measure>[],
  rows: readonly FigureRow<Measure>[],
): readonly Figure[] {
  return rows.map(([title, goal, source, divisor]) => {
    return { title, goal, found: divisor ? ratios(samples, source, divisor) : valuesOf(samples, ...source) }
  })
}

/** Figures with their goals, and whether each is met. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ title, goal, found, digits = goal !== undefined && goal < 0.1 ? 4 : 3 }) => {
    return [title, spread(found, digits), goal === undefined ? '–' : `≤ ${goal}`, verdict(goal, found)]
  })
  return table(['figure', 'found', 'goal', ''], rows)
}

function verdict(goal: number | undefined, found: readonly number[]): string {
  if (found.length === 0) return 'not measured'
  if (goal === undefined) return ''
  return quantile([...found], 0.5) <= goal ? 'met' : 'missed'
}

/** The median as text, or a dash if there are no numbers. */
export function median(values: readonly number[], digits: number): string {
  return values.length > 0 ? quantile([...values], 0.5).toFixed(digits) : '–'
}

/** The median, and the middle half in brackets unless all numbers are the same. */
export function spread(values: readonly number[], digits: number): string {
  if (values.length === 0) return '–'
  const [low = '', middle, high] = quantile([...values], [0.25, 0.5, 0.75]).map((each) =>
    each.toFixed(digits),
  )
  return low === high ? low : `${middle} (${low}–${high})`
}

/** Every value that was measured, in the order of the rounds. */
export function everyValue(samples: readonly Sample[]): string {
  const kinds = new Map(samples.map((each) => [`${each.measure}\n${each.variant}`, each]))
  const rows = [...kinds]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { variant, measure }]) => {
      const values = valuesOf(samples, variant, measure)
      return [variant, measure, values.map(significant).join(' ')]
    })
  return table(['variant', 'measure', 'rounds'], rows)
}

const significant = (value: number) => String(Number(value.toPrecision(4)))

import { createAppLookup } from '../../../adapter/lookup/lookup.ts'
import { type Report, simulate } from './simulate.ts'

/** `npm run simulate -- 10000`: that many seeds, or those from one number to another. */
const [first, last] = seedsOf(process.argv.slice(2))

const reports: Report[] = []
for (let seed = first; seed <= last; seed += 1) {
  const report = await simulate(seed, { createAppLookup })
  reports.push(report)
  const [violation] = report.violations
  if (violation !== undefined)
    console.log(`seed ${seed}: ${report.violations.length} violations; ${violation}`)
  if (seed % 500 === 0) console.log(`${seed} of ${last}`)
}

const sum = (of: (report: Report) => number) => reports.reduce((total, report) => total + of(report), 0)
const failed = reports.filter(({ violations }) => violations.length > 0)
const hours = (sum(({ virtualMs }) => virtualMs) / 3_600_000).toFixed(0)
console.log(
  `${reports.length} seeds, ${hours} hours of virtual time, ${sum(({ lookups }) => lookups)} lookups, ${sum(({ requests }) => requests)} requests`,
)
const counts = Object.entries(
  Object.groupBy(
    reports.flatMap(({ faults }) => faults),
    (name) => name,
  ),
)
for (const [name, { length } = []] of counts) console.log(`${String(length).padStart(6)} times: ${name}`)
console.log(`violations in ${failed.length} seeds: ${failed.map(({ seed }) => seed).join(' ') || 'none'}`)
process.exitCode = failed.length > 0 ? 1 : 0

function seedsOf(given: readonly string[]): [number, number] {
  const numbers = given.map(Number)
  const [count = 300, to] = numbers
  if (numbers.length > 2 || !numbers.every((number) => Number.isSafeInteger(number) && number > 0))
    throw new Error('give how many seeds to run, such as 10000, or the first and the last one')
  return to === undefined ? [1, count] : [count, to]
}

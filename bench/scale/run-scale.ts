import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { curves, loadTable, results } from './cost-report.ts'
import { DEFAULT_LOAD, type Load } from './load.ts'
import { plot } from './plot.ts'

const USAGE = `npm run bench:scale                  Models the cost of all sizes, and writes bench/scale/RESULTS.md and the plot.
npm run bench:scale -- [options]     Shows one load.

${Object.entries(DEFAULT_LOAD)
  .map(([name, value]) => `${`  --${name} N`.padEnd(26)}${value} unless given`)
  .join('\n')}`

const names = Object.keys(DEFAULT_LOAD) as (keyof Load)[]
const { values } = parseArgs({
  options: {
    ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
    quick: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
})
const options: Readonly<Record<string, string | boolean | undefined>> = values
if (options.help) console.log(USAGE)
else if (names.some((name) => options[name] !== undefined)) console.log(loadTable(parseLoad()))
else {
  const all = curves()
  const report = results(all)
  console.log(report)
  if (!options.quick) {
    await writeFile(new URL('RESULTS.md', import.meta.url), report)
    await writeFile(new URL('break-even.svg', import.meta.url), plot(all))
  }
}

/** @throws {Error} with the name of the option, if its value is not a number above 0 */
function parseLoad(): Load {
  const given = names.flatMap((name) => {
    if (options[name] === undefined) return []
    const value = Number(options[name])
    if (value > 0) return [[name, value] as const]
    throw new Error(`--${name} must be a number above 0.`)
  })
  return { ...DEFAULT_LOAD, ...Object.fromEntries(given) }
}

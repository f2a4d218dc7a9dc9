import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { curves } from './cases.ts'
import { DEFAULTS, type Load } from './load.ts'
import { plot } from './plot.ts'
import { breakEvenTable, goalTable, loadTable, simulate, sizeTable } from './report.ts'
import { results } from './results.ts'

const USAGE = `npm run bench:scale                    Simulates soketi of all sizes, and writes bench/scale/RESULTS.md and the plot.
npm run bench:scale -- [options]       Simulates one load.

  --json          for programs
  --NAME NUMBER   ${Object.entries(DEFAULTS)
    .filter(([, value]) => typeof value === 'number')
    .map(([name, value]) => `${name} ${value}`)
    .join('\n                  ')}
  --noRechecks    apps with open sockets are not re-read

Times are in seconds; lookupsPerSecond is a node's.`

const numbers = Object.keys(DEFAULTS).filter((name) => name !== 'rechecks')
const { values } = parseArgs({
  options: {
    ...Object.fromEntries(numbers.map((name) => [name, { type: 'string' as const }])),
    noRechecks: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
await main(values)

async function main(options: Readonly<Record<string, string | boolean | undefined>>): Promise<void> {
  if (options.help) return console.log(USAGE)
  const load = parseLoad(options)
  if (options.json) return console.log(JSON.stringify(simulate(load), undefined, 2))
  const isOneLoad = options.noRechecks || numbers.some((name) => options[name] !== undefined)
  if (isOneLoad) return console.log(loadTable(load))

  const all = curves()
  console.log([breakEvenTable(all), sizeTable(), goalTable()].join('\n\n'))
  await writeFile(new URL('RESULTS.md', import.meta.url), results(all))
  await writeFile(new URL('break-even.svg', import.meta.url), plot(all))
  console.log('\nWritten to bench/scale/RESULTS.md and bench/scale/break-even.svg.')
}

/** @throws Error that names the option that is no number of 0 or more */
function parseLoad(options: Readonly<Record<string, string | boolean | undefined>>): Load {
  const given = numbers.flatMap((name) => {
    if (options[name] === undefined) return []
    const value = Number(options[name])
    if (value >= 0) return [[name, value] as const]
    throw new Error(`--${name} takes a number of 0 or more`)
  })
  return { ...DEFAULTS, ...Object.fromEntries(given), rechecks: options.noRechecks !== true }
}

import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { describeMachine } from '../machine.ts'
import { say } from '../progress.ts'
import { createDriver } from './drive.ts'
import { measure } from './intervals.ts'
import { failures, results, tables } from './load-report.ts'
import { startEndpoint } from './loaded-endpoint.ts'
import { createTraffic, ITEMS } from './traffic.ts'

const USAGE = `npm run bench:load -- [options]     Loads the server of npm start for ten minutes.

  --quick         one minute, and bench/load/RESULTS.md stays as it is
  --minutes N     so many minutes, and bench/load/RESULTS.md stays as it is

It fails if an answer is not the right one, and if memory grows. Throughput and latency are told, not judged.`

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})
const minutes = Number(options.minutes ?? (options.quick ? 1 : 10))
if (options.help) console.log(USAGE)
else if (!(minutes > 0)) throw new Error('--minutes must be a number above 0.')
else await main()

async function main(): Promise<void> {
  say('Starting the local stack …')
  const endpoint = await startEndpoint(ITEMS)
  const driver = createDriver(endpoint.url, createTraffic())
  const intervals = await measure(endpoint, driver, minutes, say).finally(() => {
    driver.close()
    endpoint.stop()
  })
  say('')
  console.log(tables(intervals))
  const failed = failures(intervals)
  for (const failure of failed) console.error(`Failed: ${failure}.`)
  if (failed.length > 0) process.exitCode = 1
  if (options.quick || options.minutes) return
  await writeFile(
    new URL('RESULTS.md', import.meta.url),
    results({ machine: describeMachine(), minutes, intervals }),
  )
  console.log('\nWritten to bench/load/RESULTS.md, with every interval.')
}

import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createQuota } from '../cpu.ts'
import { describeMachine } from '../machine.ts'
import { say } from '../progress.ts'
import { startCannedDynamoDB } from './canned-dynamodb.ts'
import { type Results, results, tables } from './functions-report.ts'
import { measure } from './measure-functions.ts'
import { installPeers } from './peers.ts'
import { buildVariants } from './variants.ts'

const USAGE = `npm run bench -- [options]     Measures the functions beside what else could be used.

  --quick         two rounds in under two minutes, and bench/functions/RESULTS.md stays as it is
  --rounds N      how many rounds, 10 unless given
  --only A,B      only these (by-id, plain-sdk, …), and bench/functions/RESULTS.md stays as it is`

// Lambda gives 1 vCPU at 1,769 MB; 0.29 is the share at 512 MB, the template's default.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
const SHARE = 0.29

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    only: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})
if (options.help) console.log(USAGE)
else if (process.platform !== 'linux')
  console.error('The bench reads processor times from /proc: it needs Linux.')
else await main()

async function main(): Promise<void> {
  const directory = fileURLToPath(new URL('../../dist/bench', import.meta.url))
  await installPeers(say)
  say('Bundling …')
  const only = options.only?.split(',')
  const variants = (await buildVariants(directory)).filter(({ name }) => only?.includes(name) ?? true)
  const rounds = Number(options.rounds ?? (options.quick ? 2 : 10))
  const quota = createQuota(SHARE)
  const dynamodb = await startCannedDynamoDB()
  // Ctrl-C leaves no control group behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  if (typeof quota !== 'string') process.once('exit', quota.remove)

  const samples = await measure(
    {
      variants,
      dynamodb,
      quota: typeof quota === 'string' ? undefined : quota,
      rounds,
      calls: options.quick ? 800 : 1500,
    },
    say,
  )
  await dynamodb.close()
  const all: Results = {
    machine: describeMachine(),
    variants,
    samples,
    rounds,
    missing: typeof quota === 'string' ? [quota] : [],
  }
  say('')
  console.log(tables(all))
  if (options.quick || only) return
  await writeFile(new URL('RESULTS.md', import.meta.url), results(all))
  console.log('\nWritten to bench/functions/RESULTS.md, with every value.')
}

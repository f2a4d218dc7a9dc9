import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ANY_NODE } from '../../harness/nodes.ts'
import { killAll } from '../../harness/soketi-process.ts'
import { describeMachine } from '../machine.ts'
import { say } from '../progress.ts'
import { runRounds } from '../rounds.ts'
import { itemsOf } from './bench-apps.ts'
import { startDynamoDBLocal } from './dynamodb-local.ts'
import { startStockOutage } from './outage.ts'
import type { Sample } from './sample.ts'
import { type Results, results, tables } from './soketi-report.ts'
import { startVariants } from './soketi-variants.ts'

const USAGE = `npm run bench:soketi -- [options]     Measures soketi with the adapter beside soketi with its own drivers.

  --quick         one short round in under a minute, and bench/soketi/RESULTS.md stays as it is
  --rounds N      how many rounds, 5 unless given

It installs soketi and its Node as the tests do. soketi's DynamoDB driver is measured where DynamoDB Local runs,
which takes Java 17 and Maven.`

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})
if (options.help) console.log(USAGE)
else await main().finally(killAll)

async function main(): Promise<void> {
  const rounds = Number(options.rounds ?? (options.quick ? 1 : 5))
  const timed = options.quick ? 60 : 300
  const counts = { timed, untimed: timed / 10 }
  const [loadBefore = Number.NaN] = loadavg()
  const root = fileURLToPath(new URL('../../', import.meta.url))
  run(process.execPath, ['harness/install.mjs', ANY_NODE.stack])
  run('npm', ['run', '--silent', 'build:adapter'])

  say('Starting what is asked …')
  const stockOutage = await startStockOutage(rounds)
  const dynamodb = await startDynamoDBLocal(itemsOf(rounds, counts))
  const ofDynamoDB = typeof dynamodb === 'string' ? undefined : dynamodb
  if (ofDynamoDB) process.once('exit', ofDynamoDB.stop)
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => killAll().then(() => process.exit(130)))
  const { variants, stop } = await startVariants(ofDynamoDB, counts)

  const jobs = variants.map(({ name, run }) => ({
    name,
    run: async (round: number) => [{ name, ...(await run(round)) }],
  }))
  const samples = await runRounds<Sample>(jobs, rounds, say)
  say("Waiting for soketi's DynamoDB driver to give up …")
  const all: Results = {
    machine: {
      ...describeMachine(),
      soketi: `1.6.1 on ${ANY_NODE.name}`,
      'load average before it began': loadBefore.toFixed(1),
    },
    variants,
    samples,
    stockOutage: await stockOutage.answers,
    rounds,
    timed,
  }
  await stop()
  say('')
  console.log(tables(all))
  if (options.quick) console.log('\nOne short round shows that all of it runs; figures take a full run.')
  if (typeof dynamodb === 'string') console.log(`\n${dynamodb}`)
  else if (!options.quick) {
    await writeFile(new URL('RESULTS.md', import.meta.url), results(all))
    console.log('\nWritten to bench/soketi/RESULTS.md, with the values of every round.')
  }

  function run(command: string, args: readonly string[]): void {
    execFileSync(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  }
}

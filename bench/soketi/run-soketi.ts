import { execFileSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { ANY_NODE } from '../../harness/nodes.ts'
import { killAll } from '../../harness/soketi-process.ts'
import { say } from '../progress.ts'
import { measureRounds } from '../rounds.ts'
import { type Report, runBench } from '../run-bench.ts'
import { itemsOf } from './bench-apps.ts'
import { startDynamoDBLocal } from './dynamodb-local.ts'
import { measureStockOutage } from './outage.ts'
import { type Measure, startJobs, VARIANTS } from './soketi-jobs.ts'
import { report } from './soketi-report.ts'

await runBench({
  command: 'npm run bench:soketi',
  title: 'What a lookup costs soketi, beside its own drivers',
  help: `It installs soketi and its Node as the tests do. soketi's DynamoDB driver is measured where DynamoDB Local runs,
which takes Java 17 and Maven.`,
  size: { unit: 'rounds', full: 5, quick: 1 },
  url: import.meta.url,
  run: (rounds, isQuick) => measure(rounds, isQuick).finally(killAll),
})

async function measure(rounds: number, isQuick: boolean): Promise<Report> {
  const timed = isQuick ? 60 : 300
  const counts = { timed, untimed: timed / 10 }
  const [loadBefore = Number.NaN] = loadavg()
  run(process.execPath, ['harness/install.mjs', ...ANY_NODE.stacks])
  run('npm', ['run', '--silent', 'build:adapter'])
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => killAll().then(() => process.exit(130)))

  const stockOutage = measureStockOutage(rounds)
  const dynamodb = await startDynamoDBLocal(itemsOf(rounds, counts))
  if (typeof dynamodb !== 'string') process.once('exit', dynamodb.stop)
  const { jobs, stop } = await startJobs(typeof dynamodb === 'string' ? undefined : dynamodb.endpoint, counts)
  const samples = [...(await measureRounds(jobs, rounds))]
  await stop()
  say("Waiting for soketi's DynamoDB driver to give up …")
  for (const [index, measured] of (await stockOutage).entries())
    for (const [measure, value] of Object.entries(measured))
      samples.push({ variant: VARIANTS.dynamodbOutage, measure: measure as Measure, round: index + 1, value })
  return {
    ...report(samples, timed),
    setup: { soketi: `1.6.1 on ${ANY_NODE.name}`, 'load average before it began': loadBefore.toFixed(1) },
    missing: typeof dynamodb === 'string' ? [dynamodb] : [],
  }
}

function run(command: string, args: readonly string[]): void {
  const cwd = fileURLToPath(new URL('../../', import.meta.url))
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
}

import { killAll } from '../../harness/soketi-process.ts'
import { prepareSoketi, SETUP } from '../prepare-soketi.ts'
import { say } from '../progress.ts'
import { measureRounds, samplesOf } from '../rounds.ts'
import { type Report, runBench } from '../run-bench.ts'
import { startWarmDynamoDBLocal } from '../warm-dynamodb.ts'
import { itemsOf } from './bench-apps.ts'
import { measureStockOutage } from './outage.ts'
import { startJobs, VARIANTS } from './soketi-jobs.ts'
import { report } from './soketi-report.ts'

await runBench({
  command: 'npm run bench:soketi',
  title: 'What a lookup costs soketi, beside its own drivers',
  help: 'It installs soketi and its Node as the tests do, and needs DynamoDB Local: Java 17 and Maven.',
  size: { unit: 'rounds', full: 5, quick: 1 },
  url: import.meta.url,
  run: (rounds, isQuick) => measure(rounds, isQuick).finally(killAll),
})

async function measure(rounds: number, isQuick: boolean): Promise<Report> {
  const timed = isQuick ? 60 : 300
  const counts = { timed, untimed: timed / 10 }
  prepareSoketi()
  const dynamodb = await startWarmDynamoDBLocal(itemsOf(rounds, counts))
  if (typeof dynamodb === 'string') return { about: '', tables: [], samples: [], missing: [dynamodb] }
  const stockOutage = measureStockOutage(rounds)
  const { jobs, stop } = await startJobs(dynamodb.endpoint, counts)
  const samples = await measureRounds(jobs, rounds)
  await stop()
  say("Waiting for soketi's DynamoDB driver to give up …")
  const stockSamples = (await stockOutage).flatMap((measured, index) =>
    samplesOf({ [VARIANTS.dynamodbOutage]: measured }, index + 1),
  )
  return { ...report([...samples, ...stockSamples], timed), setup: SETUP }
}

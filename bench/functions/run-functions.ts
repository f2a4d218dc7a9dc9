import { fileURLToPath } from 'node:url'
import { type Job, measureRounds } from '../rounds.ts'
import { type Report, runBench } from '../run-bench.ts'
import { type CannedDynamoDB, startCannedDynamoDB } from './canned-dynamodb.ts'
import { measureColdStart } from './cold.ts'
import { type Measure, report } from './functions-report.ts'
import { installPeers } from './peers.ts'
import { createQuota, type Quota } from './quota.ts'
import { buildVariants, type Variant } from './variants.ts'
import { measureWarm } from './warm.ts'

// Lambda gives 1 vCPU at 1,769 MB; 0.29 is the share at 512 MB, the template's default.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
const SHARE = 0.29

/** About half of what a request to DynamoDB in the same region takes on the network. */
const DELAY_MS = 1

await runBench({
  command: 'npm run bench',
  title: 'What the functions cost, beside what else could be used',
  help: 'It needs Linux, since it reads processor times from /proc, and what compiles aws-lambda-ric: g++, make, cmake, Python.',
  size: { unit: 'rounds', full: 10, quick: 2 },
  url: import.meta.url,
  async run(rounds, isQuick): Promise<Report> {
    await installPeers()
    const variants = await buildVariants(fileURLToPath(new URL('../../dist/bench', import.meta.url)))
    const quota = createQuota(SHARE)
    // Removes the control group on Ctrl-C too.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
    if (typeof quota !== 'string') process.once('exit', quota.remove)
    const dynamodb = await startCannedDynamoDB()
    const distant = await startCannedDynamoDB(DELAY_MS)
    const quotas = typeof quota === 'string' ? [undefined] : [undefined, quota]
    const jobs: Job<Measure>[] = [
      ...variants
        .filter(({ ways }) => ways.includes('cold'))
        .flatMap((variant) => quotas.map((quota) => coldJob(variant, distant, quota))),
      {
        name: 'all warm handlers, in turns',
        run: () => measureWarm(variants, isQuick ? 800 : 1500, dynamodb),
      },
    ]
    const samples = await measureRounds(jobs, rounds).finally(() =>
      Promise.all([dynamodb, distant].map(({ close }) => close())),
    )
    return { ...report(variants, samples), missing: typeof quota === 'string' ? [quota] : [] }
  },
})

function coldJob(variant: Variant, dynamodb: CannedDynamoDB, quota: Quota | undefined): Job<Measure> {
  const { name } = variant
  return {
    name,
    async run() {
      const { initMs, firstMs, cpuMs } = await measureColdStart(variant, dynamodb.environment, quota)
      return {
        [name]: quota
          ? { 'init and first ms at 0.29 vCPU': initMs + firstMs }
          : { 'init ms': initMs, 'first ms': firstMs, 'cold CPU ms': cpuMs },
      }
    },
  }
}

import { putItems } from '../../dev/embedded-dynamodb.ts'
import { startStackChild } from '../local-stack-child.ts'
import { runBench } from '../run-bench.ts'
import { measureIntervals } from './intervals.ts'
import { createLoadGenerator } from './load-generator.ts'
import { report } from './load-report.ts'
import { createTraffic, ITEMS } from './traffic.ts'

await runBench({
  command: 'npm run bench:load',
  title: 'The local stack under load',
  help: 'It fails if a response is not the right one, and if memory grows. Throughput and latency have no goal.',
  size: { unit: 'minutes', full: 10, quick: 1 },
  url: import.meta.url,
  async run(minutes) {
    const stack = await startStackChild()
    await putItems(stack.dynamodb, 'apps', ITEMS)
    const generator = createLoadGenerator(stack.url, createTraffic())
    const intervals = await measureIntervals(stack, generator, minutes).finally(() => {
      generator.close()
      stack.stop()
    })
    return report(intervals)
  },
})

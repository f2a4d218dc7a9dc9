import { putItems } from '../../dev/embedded-dynamodb.ts'
import { startStackChild } from '../local-stack-child.ts'
import { say } from '../progress.ts'
import { runBench } from '../run-bench.ts'
import { createLoadGenerator } from './load-generator.ts'
import { type Interval, report } from './load-report.ts'
import { createTraffic, ITEMS } from './traffic.ts'

const CONNECTIONS = 32
// The same in short and long runs, so that their growth is judged alike.
const INTERVALS = 40

await runBench({
  command: 'npm run bench:load',
  title: 'The local stack under load',
  help: 'It fails if a response is not the right one, and if memory grows. Throughput has no goal.',
  size: { unit: 'minutes', full: 10, quick: 1 },
  url: import.meta.url,
  async run(minutes) {
    const stack = await startStackChild()
    await putItems(stack.dynamodb, 'apps', ITEMS)
    const load = createLoadGenerator(stack.url, createTraffic())
    const intervals: Interval[] = []
    try {
      for (let index = 0; index < INTERVALS; index += 1) {
        say(`${((index * minutes) / INTERVALS).toFixed(1)} of ${minutes} min`)
        const requestsPerSecond = await load.run((60 * minutes) / INTERVALS, CONNECTIONS)
        intervals.push({ requestsPerSecond, memory: await stack.memory() })
      }
    } finally {
      stack.stop()
    }
    return report(intervals, CONNECTIONS, load)
  },
})

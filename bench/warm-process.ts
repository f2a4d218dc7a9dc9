import { pathToFileURL } from 'node:url'
import { quantile } from './statistics.ts'
import type { WarmJob, WarmResult } from './warm.ts'

// A process of its own for each measurement of a warm handler.

const { file, event, by, calls, warmUpCalls } = JSON.parse(String(process.env.BENCH_JOB)) as WarmJob
const { handler } = (await import(pathToFileURL(file).href)) as {
  handler: (event: unknown, context: unknown) => Promise<unknown>
}
const context = { awsRequestId: 'bench', functionName: 'bench', getRemainingTimeInMillis: () => 5000 }

let last = 0
/** The event for an app that was not asked for before, or for the same app each time. */
const nextEvent = () => {
  if (by === 'hit') return { ...event }
  const id = `app-${++last}`
  return typeof event.body === 'string'
    ? { ...event, body: JSON.stringify({ id }) }
    : { ...event, pathParameters: { appId: id, appKey: id } }
}

for (let call = 0; call < warmUpCalls; call++) await handler(nextEvent(), context)

const before = process.cpuUsage()
for (let call = 0; call < calls; call++) await handler(nextEvent(), context)
const { user, system } = process.cpuUsage(before)

const times: number[] = []
for (let call = 0; call < calls; call++) {
  const startedAt = performance.now()
  await handler(nextEvent(), context)
  times.push(1000 * (performance.now() - startedAt))
}
times.sort((a, b) => a - b)

const result: WarmResult = {
  cpuUs: (user + system) / calls,
  p50Us: quantile(times, 0.5),
  p99Us: quantile(times, 0.99),
  answer: await handler(nextEvent(), context),
}
process.send?.(result, () => process.exit())

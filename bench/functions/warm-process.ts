import { pathToFileURL } from 'node:url'
import type { Turn, TurnResult, WarmJob } from './warm.ts'

// A process of its own for each warm handler: it makes as many calls as it is told to, when it is told to.

const { file, event, by } = JSON.parse(String(process.env.BENCH_JOB)) as WarmJob
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

process.on('message', async ({ calls }: Turn) => {
  const before = process.cpuUsage()
  let answer: unknown
  for (let call = 0; call < calls; call++) answer = await handler(nextEvent(), context)
  const { user, system } = process.cpuUsage(before)

  const timesUs: number[] = []
  for (let call = 0; call < calls; call++) {
    const startedAt = performance.now()
    await handler(nextEvent(), context)
    timesUs.push(1000 * (performance.now() - startedAt))
  }
  process.send?.({ cpuUs: user + system, timesUs, answer } satisfies TurnResult)
})
process.on('disconnect', () => process.exit())

import { pathToFileURL } from 'node:url'
import { sendAtRate } from '../at-rate.ts'
import { serveParent } from '../child-process.ts'

// A process of its own for each warm handler: it makes as many calls as it is told to, when it is told to.

/** What a measuring process is for: it sends the same event again and again, or varies it if it is to be a miss. */
export type WarmJob = {
  readonly file: string
  readonly event: Readonly<Record<string, unknown>>
  readonly varied: readonly [string, string] | undefined
}

/**
 * What it is told to do: so many calls whose processor time is measured, and as many that are timed one by one. Those of
 * the first kind alone, evenly and whether or not earlier ones are answered, if they are to be so many a second.
 */
export type Turn = { readonly calls: number; readonly perSecond?: number }

export type TurnResult = {
  /** Processor time of the whole process for the first half. */
  readonly cpuUs: number
  readonly timesUs: readonly number[]
  /** The last answer. */
  readonly answer: unknown
}

const { file, event, varied } = JSON.parse(String(process.env.BENCH_JOB)) as WarmJob
const { handler } = (await import(pathToFileURL(file).href)) as {
  handler: (event: unknown, context: unknown) => Promise<unknown>
}
const context = { awsRequestId: 'bench', functionName: 'bench', getRemainingTimeInMillis: () => 5000 }

const text = JSON.stringify(event)
let last = 0
const nextEvent = () =>
  JSON.parse(varied ? text.replaceAll(varied[0], varied[1].replace('#', String(++last))) : text)

serveParent('ready', async ({ calls, perSecond }: Turn): Promise<TurnResult> => {
  const events = Array.from({ length: calls }, nextEvent)
  const before = process.cpuUsage()
  let answer: unknown
  const call = async (event: unknown) => {
    answer = await handler(event, context)
  }
  if (perSecond) await sendAtRate(perSecond, calls / perSecond, (_, number) => call(events[number]))
  else for (const event of events) await call(event)
  const { user, system } = process.cpuUsage(before)

  const timesUs: number[] = []
  for (const event of Array.from({ length: perSecond ? 0 : calls }, nextEvent)) {
    const startedAt = performance.now()
    await handler(event, context)
    timesUs.push(1000 * (performance.now() - startedAt))
  }
  return { cpuUs: user + system, timesUs, answer }
})

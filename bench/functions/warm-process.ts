import { pathToFileURL } from 'node:url'
import { sendAtRate } from '../at-rate.ts'
import { serveParent } from '../child-process.ts'

// The process of one warm handler. It makes as many calls as each message of the parent says.

/** What a process measures: it sends the same event repeatedly, or a different one each time for a cache miss. */
export type WarmJob = {
  readonly file: string
  readonly event: Readonly<Record<string, unknown>>
  readonly varied: readonly [string, string] | undefined
}

/** The task of a process: a number of calls, one after the other, or at a rate without waiting for earlier responses. */
export type Turn = { readonly calls: number; readonly perSecond?: number }

export type TurnResult = {
  /** Processor time of the whole process. */
  readonly cpuUs: number
  /** The last one. */
  readonly response: unknown
}

const { file, event, varied } = JSON.parse(String(process.argv[2])) as WarmJob
const { handler } = await import(pathToFileURL(file).href)
const context = { awsRequestId: 'bench', functionName: 'bench', getRemainingTimeInMillis: () => 5000 }

const text = JSON.stringify(event)
let last = 0
const nextEvent = () =>
  JSON.parse(varied ? text.replaceAll(varied[0], varied[1].replace('#', String(++last))) : text)

serveParent('ready', async ({ calls, perSecond }: Turn): Promise<TurnResult> => {
  const events = Array.from({ length: calls }, nextEvent)
  const before = process.cpuUsage()
  let response: unknown
  const call = async (event: unknown) => {
    response = await handler(event, context)
  }
  if (perSecond) await sendAtRate(perSecond, calls / perSecond, (_, number) => call(events[number]))
  else for (const event of events) await call(event)
  const { user, system } = process.cpuUsage(before)
  return { cpuUs: user + system, response }
})

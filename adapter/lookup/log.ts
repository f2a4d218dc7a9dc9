import { createLruMap } from './lru-map.ts'
import { LONG_AGO } from './timers.ts'

/** Where the log lines go; messages contain no token and no secret. */
export type Log = (level: 'info' | 'warn' | 'error', message: string) => void

const INTERVAL_MS = 60_000
const MAX_TOPICS = 1_000

/** A log for events that can occur with every lookup: one line per topic and interval, by default a minute. */
export type RareLog = {
  write(level: Parameters<Log>[0], topic: string, message: string): void
  /** Logs a defect by the error's name and place, because its message can contain a value. */
  writeDefect(what: string, error: unknown): void
}

/** @param options.maxTopics how many topics are remembered at least: while more are in use, a line can be repeated sooner */
export function createRareLog(
  log: Log,
  clock: () => number,
  { intervalMs = INTERVAL_MS, maxTopics = MAX_TOPICS } = {},
): RareLog {
  const loggedAt = createLruMap<string, number>(maxTopics)
  const write: RareLog['write'] = (level, topic, message) => {
    const now = clock()
    if (now - (loggedAt.peek(topic) ?? LONG_AGO) < intervalMs) return
    loggedAt.set(topic, now)
    log(level, message)
  }
  return {
    write,
    writeDefect(what, error) {
      const { name, stack = '' } = error instanceof Error ? error : new Error()
      const place = /\n\s*(at .*)/.exec(stack)?.[1] ?? 'at an unknown place'
      write('error', what, `${what}, by a defect: ${name} ${place}`)
    },
  }
}

import { LruMap } from './lru-map.ts'
import { LONG_AGO } from './timers.ts'

/** Where the log lines go; messages contain no token and no secret. */
export type Log = (level: 'info' | 'warn' | 'error', message: string) => void

const AGAIN_MS = 60_000
const MAX_TOPICS = 1_000

/** A log for events that can occur with every lookup: one line per minute and topic. */
export class RareLog {
  readonly #log: Log
  readonly #clock: () => number
  readonly #loggedAt = new LruMap<string, number>(MAX_TOPICS)

  constructor(log: Log, clock: () => number) {
    this.#log = log
    this.#clock = clock
  }

  write(level: Parameters<Log>[0], topic: string, message: string): void {
    const now = this.#clock()
    if (now - (this.#loggedAt.peek(topic) ?? LONG_AGO) < AGAIN_MS) return
    this.#loggedAt.set(topic, now)
    this.#log(level, message)
  }

  /** Logs a defect by the error's name and place, because its message can contain a value. */
  writeDefect(what: string, error: unknown): void {
    const { name, stack = '' } = error instanceof Error ? error : new Error()
    const place = /\n\s*(at .*)/.exec(stack)?.[1] ?? 'at an unknown place'
    this.write('error', what, `${what}, by a defect: ${name} ${place}`)
  }
}

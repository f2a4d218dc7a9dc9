import { LONG_AGO } from '../timers.ts'

/** What is to be done about one app apart from its age. */
type Task = {
  /** Since when the app is due, whatever its age. A later hint does not change its place in the queue. */
  readonly dueSince: number
  /** When it last became due. A read that was sent before does not settle it. */
  readonly addedAt: number
  /** No request before this time. */
  retryAt: number
  failures: number
}

const RETRY_MS = 1_000
const MAX_RETRY_MS = 60_000

/** How long to wait after so many failures in a row, with jitter. */
export function growingWaitMs(failures: number, random: () => number): number {
  return Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** (failures - 1)) * (0.5 + random() / 2)
}

/** The apps of the queue that a hint has named, that failed, or that are to be confirmed. */
export class Tasks {
  readonly #tasks = new Map<string, Task>()

  /** Makes the app due, whatever its age: now or at `retryAt`. */
  add(id: string, now: number, retryAt = LONG_AGO): void {
    const { dueSince = now, failures = 0 } = this.#tasks.get(id) ?? {}
    this.#tasks.set(id, { dueSince, addedAt: now, retryAt, failures })
  }

  /** The app could not be read. It goes to the end of the queue, so that it holds up no other. */
  fail(id: string, now: number, random: () => number): void {
    const failures = (this.#tasks.get(id)?.failures ?? 0) + 1
    const retryAt = now + growingWaitMs(failures, random)
    this.#tasks.set(id, { dueSince: now, addedAt: now, retryAt, failures })
  }

  /** The app was read by a request that was sent at `sentAt`; a hint that came later is still to be answered. */
  done(id: string, sentAt: number): void {
    const addedAt = this.#tasks.get(id)?.addedAt ?? LONG_AGO
    this.#tasks.delete(id)
    if (addedAt >= sentAt) this.add(id, addedAt)
  }

  /** Forgets what is noted of the other apps. */
  keepOnly(isWanted: (id: string) => boolean): void {
    for (const id of this.#tasks.keys()) if (!isWanted(id)) this.#tasks.delete(id)
  }

  dueSince(id: string): number | undefined {
    return this.#tasks.get(id)?.dueSince
  }

  retryAt(id: string): number {
    return this.#tasks.get(id)?.retryAt ?? LONG_AGO
  }

  /** A region is back: what failed may be asked for again. */
  forgetFailures(): void {
    for (const task of this.#tasks.values()) {
      if (task.failures > 0) task.retryAt = LONG_AGO
      task.failures = 0
    }
  }
}

import { LONG_AGO, NEVER } from '../timers.ts'
import { type Absence, type AppRecord, taskOf } from './record.ts'

export type DeletionTimes = {
  /** The time between two not-found responses that confirm a deletion. */
  readonly confirmMs: number
  /** The same for two consistent reads. */
  readonly confirmConsistentMs: number
  /**
   * How long a mass deletion must last before apps are dropped, and a deletion while no other app is found. Apps that are
   * missing in this time count.
   */
  readonly guardMs: number
}

/** When a read of the nearest region that did not find a known app began at the earliest, and when it arrived. */
export type NotFoundRead = {
  readonly readAt: number
  readonly arrivedAt: number
  readonly consistent: boolean
}

/** `gone`: drop the app. Otherwise the deletion is unconfirmed; read the app again at `retryAt`. */
export type Verdict = { readonly gone: boolean; readonly retryAt: number }

export type Deletions = {
  /** The nearest region did not find a known app. @param known how many apps are known, this one included */
  absent(record: AppRecord, read: NotFoundRead, known: number): Verdict
  /** The app was found by a read at `readAt`, of the nearest region or of another. */
  present(record: AppRecord, readAt: number, isNearest: boolean): void
}

/** More than this is a mass deletion: an empty or wrong table must not disconnect every client. */
const MASS_SHARE = 0.2
const MASS_AT_LEAST = 5

/** Decides when to drop a known app that the nearest region does not find. */
export function createDeletions({ confirmMs, confirmConsistentMs, guardMs }: DeletionTimes): Deletions {
  /**
   * The apps that are missing, ordered by the last response, oldest first. Dropped apps still count: a wrong table can be
   * noticed app by app.
   */
  const missing = new Map<string, { readonly at: number; readonly isDropped: boolean }>()
  let droppedCount = 0
  let massSince: number | undefined
  /** When the last read of the nearest region that found an app began: an app that is absent later has a witness. */
  let foundAt = LONG_AGO

  const leave = (id: string) => {
    if (missing.get(id)?.isDropped) droppedCount -= 1
    missing.delete(id)
  }
  const enter = (id: string, at: number, isDropped: boolean) => {
    leave(id)
    if (isDropped) droppedCount += 1
    missing.set(id, { at, isDropped })
  }
  const forgetOld = (now: number) => {
    for (const [id, { at }] of missing) {
      if (now - at <= guardMs) return
      leave(id)
    }
  }
  const watchMass = (at: number, known: number) => {
    const share = missing.size / (known + droppedCount)
    const isMass = missing.size >= MASS_AT_LEAST && share > MASS_SHARE
    massSince = isMass ? Math.min(massSince ?? at, at) : undefined
  }

  return {
    absent(record, { readAt, arrivedAt, consistent }, known) {
      const task = taskOf(record)
      const first = task.absence
      const absence: Absence = {
        readAt: Math.min(first?.readAt ?? readAt, readAt),
        // The read can have been made at any time before the response arrived.
        consistentAt: Math.min(first?.consistentAt ?? NEVER, consistent ? arrivedAt : NEVER),
      }
      task.absence = absence
      forgetOld(readAt)
      enter(record.id, readAt, false)
      watchMass(readAt, known)

      const confirmedFrom = Math.min(
        absence.readAt + confirmMs,
        consistent ? absence.consistentAt + confirmConsistentMs : NEVER,
      )
      const isConfirmed = readAt >= confirmedFrom
      const isGuarded =
        (massSince !== undefined && readAt - massSince < guardMs) ||
        (foundAt <= absence.readAt && readAt - absence.readAt < guardMs)
      if (!isConfirmed || isGuarded)
        return { gone: false, retryAt: isConfirmed ? readAt + 2 * confirmMs : confirmedFrom }
      enter(record.id, readAt, true)
      return { gone: true, retryAt: readAt }
    },

    present({ id, task }, readAt, isNearest) {
      if (isNearest) foundAt = Math.max(foundAt, readAt)
      const lastAt = missing.get(id)?.at ?? task?.absence?.readAt
      if (lastAt === undefined || readAt < lastAt) return
      if (task) task.absence = undefined
      leave(id)
      if (missing.size < MASS_AT_LEAST) massSince = undefined
    },
  }
}

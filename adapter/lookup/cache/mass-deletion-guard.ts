import { LruMap } from '../lru-map.ts'
import { NEVER } from '../timers.ts'

export type DeletionTimes = {
  /** The time between two not-found answers that confirm a deletion. */
  readonly confirmMs: number
  /** The same for two consistent reads. */
  readonly confirmConsistentMs: number
  /** How long a mass deletion must last before apps are dropped. Apps that are missing in this time count. */
  readonly guardMs: number
}

/** A not-found answer of the nearest region about a known app: when its read began at the earliest, and when it arrived. */
export type Absence = { readonly readAt: number; readonly arrivedAt: number; readonly consistent: boolean }

/** `gone`: drop the app. Otherwise the deletion is unconfirmed; read the app again at `retryAt`. */
export type Verdict = { readonly gone: boolean; readonly retryAt: number }

/** More than this is a mass deletion: an empty or wrong table must not disconnect every client. */
const MASS_SHARE = 0.2
const MASS_AT_LEAST = 5
const MAX_UNCONFIRMED = 10_000

type FirstAbsence = { readonly readAt: number; readonly consistentAt: number }

/** Decides when to drop a known app that the nearest region does not find. */
export class MassDeletionGuard {
  readonly #times: DeletionTimes
  readonly #firstAbsences = new LruMap<string, FirstAbsence>(MAX_UNCONFIRMED)
  /** Ordered by the last answer, oldest first. Dropped apps still count: a wrong table can be noticed app by app. */
  readonly #missing = new Map<string, { readonly at: number; readonly dropped: boolean }>()
  #droppedCount = 0
  #massSince: number | undefined

  constructor(times: DeletionTimes) {
    this.#times = times
  }

  /** @param known how many apps are known, this one included */
  absent(id: string, { readAt, arrivedAt, consistent }: Absence, known: number): Verdict {
    const { confirmMs, confirmConsistentMs, guardMs } = this.#times
    const before = this.#firstAbsences.peek(id)
    const first: FirstAbsence = {
      readAt: Math.min(before?.readAt ?? readAt, readAt),
      // The read can have been made at any time before the answer arrived.
      consistentAt: Math.min(before?.consistentAt ?? NEVER, consistent ? arrivedAt : NEVER),
    }
    this.#firstAbsences.set(id, first)
    this.#forgetOld(readAt)
    this.#enter(id, readAt, false)
    this.#watchMass(readAt, known)

    const confirmedFrom = consistent
      ? Math.min(first.readAt + confirmMs, first.consistentAt + confirmConsistentMs)
      : first.readAt + confirmMs
    const isConfirmed = readAt >= confirmedFrom
    const isGuarded = this.#massSince !== undefined && readAt - this.#massSince < guardMs
    const gone = isConfirmed && !isGuarded
    if (gone) {
      this.#firstAbsences.delete(id)
      this.#enter(id, readAt, true)
    }
    return { gone, retryAt: isConfirmed ? readAt + 2 * confirmMs : confirmedFrom }
  }

  /** The app was found by a read at `readAt`. */
  present(id: string, readAt: number): void {
    const last = this.#missing.get(id)?.at ?? this.#firstAbsences.peek(id)?.readAt
    if (last === undefined || readAt < last) return
    this.#firstAbsences.delete(id)
    this.#leave(id)
    if (this.#missing.size < MASS_AT_LEAST) this.#massSince = undefined
  }

  #leave(id: string): void {
    if (this.#missing.get(id)?.dropped) this.#droppedCount -= 1
    this.#missing.delete(id)
  }

  #enter(id: string, at: number, dropped: boolean): void {
    this.#leave(id)
    if (dropped) this.#droppedCount += 1
    this.#missing.set(id, { at, dropped })
  }

  #forgetOld(now: number): void {
    for (const [id, { at }] of this.#missing) {
      if (now - at <= this.#times.guardMs) return
      this.#leave(id)
    }
  }

  #watchMass(at: number, known: number): void {
    const share = this.#missing.size / (known + this.#droppedCount)
    const isMass = this.#missing.size >= MASS_AT_LEAST && share > MASS_SHARE
    this.#massSince = isMass ? Math.min(this.#massSince ?? at, at) : undefined
  }
}

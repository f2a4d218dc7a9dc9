import { LruMap } from './lru-map.ts'
import { NEVER } from './timers.ts'

export type DeletionTimes = {
  /** How far apart two not-found answers must be to confirm a deletion. */
  readonly confirmMs: number
  /** The same for two consistent reads. */
  readonly confirmConsistentMs: number
  /** A mass deletion is not believed before it has lasted this long; what is missing within it counts. */
  readonly guardMs: number
}

/** A not-found answer of the nearest region about a known app: when its read began at the earliest, and when it arrived. */
export type Absence = { readonly readAt: number; readonly arrivedAt: number; readonly consistent: boolean }

/** `gone`: believe it. Otherwise the deletion is unconfirmed; ask again at `retryAt`. */
export type Verdict = { readonly gone: boolean; readonly retryAt: number }

/** From here on it is a mass deletion: an empty or wrong table must not close every live client for good. */
const MASS_SHARE = 0.2
const MASS_AT_LEAST = 5
const MAX_UNCONFIRMED = 10_000

type FirstAbsence = { readonly readAt: number; readonly consistentAt: number }

/** Decides when a known app that the nearest region says is not there may be dropped. */
export class MassDeletionGuard {
  readonly #times: DeletionTimes
  readonly #firstAbsences = new LruMap<string, FirstAbsence>(MAX_UNCONFIRMED)
  /** By the last answer, oldest first. What was dropped counts on: a wrong table may be noticed app by app. */
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
      // Its read may have been made at any time until it arrived, and the second one must come a while after it.
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

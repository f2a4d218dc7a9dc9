import QuickLRU from 'quick-lru'

/** When a known app that the nearest region says is gone may be dropped. One for ids, one for keys. */
export type Disappearances = {
  /**
   * The nearest region, read at `at`, does not know this name. `gone`: believe it. Otherwise ask again at
   * `askAgainAt`.
   * @param known how many names are known, this one included
   */
  missing(name: string, at: number, known: number): { readonly gone: boolean; readonly askAgainAt: number }
  /** The name was found by a read at `at`. */
  present(name: string, at: number): void
}

export type DisappearanceTimes = {
  /** How far apart the two answers must be at least that say an app is gone. */
  readonly confirmMs: number
  /** A mass disappearance is not believed before it has lasted this long; what is missed within it counts. */
  readonly holdMs: number
}

/** From here on it is a mass disappearance: an empty or wrong table must not close every live client for good. */
const MASS_SHARE = 0.2
const MASS_AT_LEAST = 5
const DOUBTS_MAX = 10_000

export function createDisappearances({ confirmMs, holdMs }: DisappearanceTimes): Disappearances {
  const firstMissedAt = new QuickLRU<string, number>({ maxSize: DOUBTS_MAX })
  // Ordered by the last answer, so that what no longer counts is at the front. What was dropped counts on: a wrong table may be noticed app by app.
  const vanished = new Map<string, { readonly at: number; readonly dropped: boolean }>()
  let droppedCount = 0
  let massSince: number | undefined

  const leave = (name: string) => {
    if (vanished.get(name)?.dropped) droppedCount -= 1
    vanished.delete(name)
  }
  const enter = (name: string, at: number, dropped: boolean) => {
    leave(name)
    if (dropped) droppedCount += 1
    vanished.set(name, { at, dropped })
  }
  const forgetOld = (now: number) => {
    for (const [name, { at }] of vanished) {
      if (now - at <= holdMs) return
      leave(name)
    }
  }
  const watchMass = (at: number, known: number) => {
    const isMass = vanished.size >= MASS_AT_LEAST && vanished.size > (known + droppedCount) * MASS_SHARE
    massSince = isMass ? Math.min(massSince ?? at, at) : undefined
  }

  return {
    missing(name, at, known) {
      const first = Math.min(firstMissedAt.get(name) ?? at, at)
      firstMissedAt.set(name, first)
      forgetOld(at)
      enter(name, at, false)
      watchMass(at, known)

      const isConfirmed = at - first >= confirmMs
      const isHeld = massSince !== undefined && at - massSince < holdMs
      const gone = isConfirmed && !isHeld
      if (gone) {
        firstMissedAt.delete(name)
        enter(name, at, true)
      }
      return { gone, askAgainAt: isConfirmed ? at + confirmMs : first + confirmMs }
    },
    present(name, at) {
      const last = vanished.get(name)?.at ?? firstMissedAt.peek(name)
      if (last === undefined || at < last) return
      firstMissedAt.delete(name)
      leave(name)
      if (vanished.size < MASS_AT_LEAST) massSince = undefined
    },
  }
}

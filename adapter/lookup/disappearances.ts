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
  /** An answer counts towards a mass disappearance for this long. */
  readonly windowMs: number
  /** A mass disappearance is not believed before it has lasted this long. */
  readonly holdMs: number
}

/** From here on it is a mass disappearance: an empty or wrong table must not close every live client for good. */
const MASS_SHARE = 0.2
const MASS_AT_LEAST = 5

export function createDisappearances({ confirmMs, windowMs, holdMs }: DisappearanceTimes): Disappearances {
  // Ordered by the last answer, so that what has left the window is at the front.
  const doubts = new Map<string, { readonly first: number; readonly last: number }>()
  let massSince: number | undefined

  const forget = (name: string) => {
    doubts.delete(name)
    if (doubts.size < MASS_AT_LEAST) massSince = undefined
  }

  const leaveWindow = (now: number) => {
    for (const [name, { last }] of doubts) {
      if (now - last <= windowMs) return
      forget(name)
    }
  }

  return {
    missing(name, at, known) {
      leaveWindow(at)
      const first = Math.min(doubts.get(name)?.first ?? at, at)
      doubts.delete(name)
      doubts.set(name, { first, last: at })

      const isMass = doubts.size >= MASS_AT_LEAST && doubts.size > known * MASS_SHARE
      massSince = isMass ? Math.min(massSince ?? at, at) : undefined
      const isHeld = massSince !== undefined && at - massSince < holdMs
      const gone = at - first >= confirmMs && !isHeld
      if (gone) doubts.delete(name)
      return { gone, askAgainAt: at - first >= confirmMs ? at + confirmMs : first + confirmMs }
    },
    present(name, at) {
      const doubt = doubts.get(name)
      if (doubt !== undefined && at >= doubt.last) forget(name)
    },
  }
}

import type { App } from '../app.ts'
import { createLruMap } from '../lru-map.ts'
import { LONG_AGO, NEVER } from '../timers.ts'

/** Knows when the previous secrets of apps are over. Pure: times are arguments, in ms. */
export type PreviousSecrets = {
  /** @param graceMs for how long after `readAt` the previous secret is accepted at most; absent if nothing says so */
  read(app: App, readAt: number, graceMs: number | undefined): void
  /** When the previous secret of an app is over by the steady clock, whatever the wall clock says. */
  endOf(app: App): number
  /** The previous secret of an app, unless it is over by the steady clock or by the wall clock. */
  of(app: App, now: number, wallNow: number): string | undefined
}

/**
 * Either clock can end a previous secret: one of them can be wrong, or a response old. What is over stays over, even if a
 * clock is set back, so the end is kept for each value that a secret had.
 */
export function createPreviousSecrets(maxApps: number): PreviousSecrets {
  const ends = createLruMap<string, number>(maxApps)
  const grantOf = ({ id, previousSecret, previousSecretUntil }: App) =>
    JSON.stringify([id, previousSecret, previousSecretUntil])
  const endOf = (app: App) => ends.use(grantOf(app)) ?? LONG_AGO

  return {
    read(app, readAt, graceMs) {
      if (app.previousSecret === undefined) return
      const value = grantOf(app)
      const known = ends.peek(value)
      const end = graceMs === undefined ? (known ?? LONG_AGO) : readAt + graceMs
      ends.set(value, Math.min(known ?? NEVER, end))
    },

    endOf,

    of(app, now, wallNow) {
      const { previousSecret, previousSecretUntil } = app
      if (previousSecret === undefined || previousSecretUntil === undefined) return undefined
      // Also over if the end is not a number, because the response had no usable date.
      if (now < endOf(app) && wallNow < previousSecretUntil * 1000) return previousSecret
      ends.set(grantOf(app), LONG_AGO)
      return undefined
    },
  }
}

import { type App, type AppLookup, createRareLog, type LookupHints, quote } from '../lookup/index.ts'
import { log } from './console-log.ts'
import type { SoketiApp } from './soketi.ts'

/** What is signed with an app's secret: requests to the HTTP API, subscriptions, sign-ins, and webhooks in a queue. */
export type Signed = 'http' | 'channel' | 'signin' | 'webhook'

/** Whether a signature was made with the secret of this app. */
export type Verify = (app: SoketiApp) => boolean | Promise<boolean>

/** The part of the app manager that is used. */
type Apps = { readonly lookup: AppLookup; toSoketi(app: App): SoketiApp }

/** Checks signatures with every secret that an app has. */
export type SignatureCheck = {
  /** Counters since the start: signatures that only the previous secret made. */
  readonly previous: Readonly<Record<Signed, number>>
  /**
   * Whether `verify` holds for the app with its current or previous secret. If not, the app is read again before the answer
   * is no: a backend can know the new secret before this node does.
   * @returns the app with its current secret, or undefined if no secret of the app made the signature
   * @throws AppLookupUnavailableError if no known secret made it, and the app could not be read again
   */
  signerOf(what: Signed, app: SoketiApp, hints: LookupHints, verify: Verify): Promise<SoketiApp | undefined>
}

/** The secrets of all apps can be rotated at once. */
const LOGGED = { intervalMs: 3_600_000, maxTopics: 100_000 }

export function createSignatureCheck(apps: Apps): SignatureCheck {
  const previous = { http: 0, channel: 0, signin: 0, webhook: 0 }
  const rareLog = createRareLog(log, () => performance.now(), LOGGED)

  const isPreviousSigner = async (what: Signed, app: SoketiApp, verify: Verify) => {
    const secret = apps.lookup.previousSecret(app.id)
    if (!secret || !(await verify(withSecret(app, secret)))) return false
    previous[what] += 1
    rareLog.write('info', app.id, `the previous secret of the app ${quote(app.id)} is still in use (${what})`)
    return true
  }
  const isSigner = async (what: Signed, app: SoketiApp, verify: Verify) =>
    (await verify(app)) || isPreviousSigner(what, app, verify)

  return {
    previous,
    async signerOf(what, app, hints, verify) {
      if (await isSigner(what, app, verify)) return app
      const failure = await apps.lookup.reread(app.id, hints).then(
        () => undefined,
        (error: unknown) => error,
      )
      const known = apps.lookup.peek(app.id)
      const current = known?.enabled && apps.toSoketi(known)
      if (current && current !== app && (await isSigner(what, current, verify))) return current
      if (failure) throw failure
      return undefined
    },
  }
}

/** The app with another secret, which is not enumerable, as in createSoketiApp. */
const withSecret = (app: SoketiApp, secret: string): SoketiApp =>
  Object.create(app, { secret: { value: secret } })

/** A socket or a response, with this app. */
export const withApp = <Of extends { app?: SoketiApp }>(of: Of, app: SoketiApp): Of =>
  of.app === app ? of : Object.create(of, { app: { value: app } })

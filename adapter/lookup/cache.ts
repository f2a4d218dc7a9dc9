import QuickLRU from 'quick-lru'
import type { App } from './app.ts'
import { createDisappearances, type DisappearanceTimes } from './disappearances.ts'
import type { Kind } from './question.ts'

/** An app as it was when DynamoDB was read. */
export type Reading = { readonly app: App; readonly etag?: string; readonly readAt: number }

/** What is known of a name. `F` is what a failed lookup is remembered as. */
export type View<F> =
  /** To be used; to be read again in the background if `refresh`. */
  | { readonly state: 'fresh'; readonly reading: Reading; readonly refresh: boolean }
  /** Known, but to be read before it is used. */
  | { readonly state: 'expired'; readonly reading: Reading }
  /** Known; the endpoint says that it is gone, and it is too early to believe that or to ask again. */
  | { readonly state: 'doubtful'; readonly reading: Reading }
  /** There is none. */
  | { readonly state: 'missing' }
  /** It could not be known, and it is too early to ask again. */
  | { readonly state: 'failed'; readonly failure: F }
  | { readonly state: 'unknown' }

/** The freshness of apps and misses, by id and by key. Pure: time comes in as an argument, in ms. */
export type Cache<F> = {
  view(kind: Kind, name: string, now: number): View<F>
  /** The app's last reading, if it may be served while nobody answers: enabled, and not too old. */
  fallback(kind: Kind, name: string, now: number): Reading | undefined
  /** Takes a reading in, under its id and its key; returns what to serve, which may be a newer one. */
  found(kind: Kind, name: string, reading: Reading): Reading
  /** Takes a not-found answer in; returns the reading of a known app that is not given up yet. */
  notFound(kind: Kind, name: string, readAt: number, isNearest: boolean, now: number): Reading | undefined
  /** Remembers that it could not be known. */
  failed(kind: Kind, name: string, failure: F, until: number): void
  /** Forgets every failure: a region is back. */
  forgetFailures(): void
  /** The last reading by id, of whatever age. */
  peek(id: string): Reading | undefined
  /** Takes in readings of an earlier run: to be served while nobody answers, never as fresh. */
  load(readings: readonly Reading[]): void
  /** Every app's newest reading. */
  readings(): Reading[]
  /** Changes whenever `readings` may have. */
  revision(): number
  /** How much is in it. */
  sizes(): { readonly apps: number; readonly misses: number }
}

export type CacheOptions = DisappearanceTimes & {
  readonly appTtlMs: number
  readonly missTtlMs: number
  readonly staleMaxMs: number
  readonly appsMax: number
  readonly missesMax: number
}

/** What failed, and before which recovery. */
type Failed<F> = { readonly failure: F; readonly era: number }
type Hold<F> = { readonly until: number; readonly failed?: Failed<F> }
/** A known app under one of its names. */
type Slot<F> = { readonly reading: Reading; readonly isLoaded: boolean; readonly hold?: Hold<F> }
/** What is remembered of a name that is no known app's; `readAt` is when it was last found that there is none. */
type Miss<F> = { readonly until: number; readonly readAt: number; readonly failed?: Failed<F> }

/**
 * Ids and keys are apart, and filled together from one answer. Misses are apart from apps, so that asking for
 * names that don't exist pushes no app out. A newer reading is never replaced by an older one.
 */
export function createCache<F>(options: CacheOptions): Cache<F> {
  const { appTtlMs, missTtlMs, staleMaxMs, appsMax, missesMax } = options
  const slots = {
    id: new QuickLRU<string, Slot<F>>({ maxSize: appsMax }),
    key: new QuickLRU<string, Slot<F>>({ maxSize: appsMax }),
  }
  const misses = {
    id: new QuickLRU<string, Miss<F>>({ maxSize: missesMax }),
    key: new QuickLRU<string, Miss<F>>({ maxSize: missesMax }),
  }
  let era = 0
  let revision = 0
  const disappearances = { id: createDisappearances(options), key: createDisappearances(options) }

  const put = (kind: Kind, reading: Reading) => {
    const name = reading.app[kind]
    const slot = slots[kind].peek(name)
    const miss = misses[kind].peek(name)
    if (slot !== undefined && slot.reading.readAt > reading.readAt) return
    if (miss !== undefined && miss.readAt > reading.readAt) return
    disappearances[kind].present(name, reading.readAt)
    misses[kind].delete(name)
    slots[kind].set(name, { reading, isLoaded: false })
    revision += 1
  }

  /** Forgets an app's key, but not that every older reading of it is void. */
  const retireKey = (key: string, readAt: number) => {
    slots.key.delete(key)
    misses.key.set(key, { until: 0, readAt })
  }

  const isOn = <H extends Hold<F>>(hold: H | undefined, now: number): hold is H =>
    hold !== undefined && now < hold.until && (hold.failed === undefined || hold.failed.era === era)

  return {
    view(kind, name, now) {
      const slot = slots[kind].get(name)
      if (slot !== undefined) {
        const { reading, isLoaded, hold } = slot
        const ageMs = now - reading.readAt
        const isHeld = isOn(hold, now)
        if (ageMs < appTtlMs && !isLoaded)
          return { state: 'fresh', reading, refresh: ageMs >= appTtlMs / 2 && !isHeld }
        if (!isHeld) return { state: 'expired', reading }
        return hold.failed === undefined
          ? { state: 'doubtful', reading }
          : { state: 'failed', failure: hold.failed.failure }
      }
      const miss = misses[kind].get(name)
      if (!isOn(miss, now)) return { state: 'unknown' }
      return miss.failed === undefined
        ? { state: 'missing' }
        : { state: 'failed', failure: miss.failed.failure }
    },

    fallback(kind, name, now) {
      const reading = slots[kind].peek(name)?.reading
      return reading?.app.enabled && now - reading.readAt <= staleMaxMs ? reading : undefined
    },

    found(kind, name, reading) {
      const { app, readAt } = reading
      const before = slots.id.peek(app.id)?.reading ?? slots.key.peek(app.key)?.reading
      // The same object as long as nothing changed, so that callers can tell by identity.
      const isSame = before !== undefined && JSON.stringify(before.app) === JSON.stringify(app)
      const kept = isSame ? { ...reading, app: before.app } : reading
      put('id', kept)
      // A key that another app had is left to reads by key: only those see whether it is unique.
      const holder = slots.key.peek(app.key)?.reading.app
      if (kind === 'key' || holder === undefined || holder.id === app.id) put('key', kept)
      if (before !== undefined && before.app.id === app.id && before.app.key !== app.key) {
        const old = slots.key.peek(before.app.key)?.reading
        if (old?.app.id === app.id && old.readAt <= readAt) retireKey(before.app.key, readAt)
      }
      const newest = slots[kind].peek(name)?.reading
      return newest !== undefined && newest.readAt > readAt ? newest : kept
    },

    notFound(kind, name, readAt, isNearest, now) {
      const slot = slots[kind].peek(name)
      if (slot !== undefined) {
        const { reading, isLoaded } = slot
        if (reading.readAt > readAt) return reading
        if (now - reading.readAt <= Math.max(staleMaxMs, appTtlMs)) {
          const verdict = isNearest
            ? disappearances[kind].missing(name, readAt, slots[kind].size)
            : { gone: false, askAgainAt: now + missTtlMs }
          if (!verdict.gone) {
            slots[kind].set(name, { reading, isLoaded, hold: { until: verdict.askAgainAt } })
            return reading
          }
        }
        slots[kind].delete(name)
        revision += 1
        const twin = kind === 'id' ? slots.key.peek(reading.app.key)?.reading : undefined
        if (twin?.app.id === name && twin.readAt <= readAt) retireKey(reading.app.key, readAt)
      }
      const before = misses[kind].peek(name)
      misses[kind].set(name, {
        until: Math.max(readAt + missTtlMs, before?.failed ? 0 : (before?.until ?? 0)),
        readAt: Math.max(readAt, before?.readAt ?? readAt),
      })
      return undefined
    },

    failed(kind, name, failure, until) {
      const slot = slots[kind].peek(name)
      const failed = { failure, era }
      if (slot !== undefined) slots[kind].set(name, { ...slot, hold: { until, failed } })
      else {
        const readAt = misses[kind].peek(name)?.readAt ?? Number.NEGATIVE_INFINITY
        misses[kind].set(name, { until, readAt, failed })
      }
    },

    forgetFailures() {
      era += 1
    },

    peek: (id) => slots.id.peek(id)?.reading,

    load(readings) {
      for (const reading of readings) {
        slots.id.set(reading.app.id, { reading, isLoaded: true })
        slots.key.set(reading.app.key, { reading, isLoaded: true })
      }
    },

    readings() {
      const newest = new Map<string, Reading>()
      for (const { reading } of [...slots.id.values(), ...slots.key.values()])
        if (reading.readAt >= (newest.get(reading.app.id)?.readAt ?? 0)) newest.set(reading.app.id, reading)
      return [...newest.values()]
    },

    revision: () => revision,

    sizes: () => ({ apps: slots.id.size, misses: misses.id.size + misses.key.size }),
  }
}

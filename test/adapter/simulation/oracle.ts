import type { App } from '../../../adapter/lookup/app.ts'
import type { By } from '../../../adapter/lookup/endpoint/request.ts'
import type { MemoryStack } from '../world/memory-stack.ts'
import type { Change } from '../world/replica.ts'

/** How old answers may be, in ms. */
export const BOUNDS = {
  /** A heartbeat is valid for 210 s. Expired apps are then served for up to 60 s while they are revalidated. */
  vouched: 210_000 + 60_000,
  /**
   * A shard is blocked, but not that of the heartbeat: 15 min after the read of DynamoDB, and one TTL. A renewal can come
   * from a function's cache, and its age counts. It can be up to a second behind the table, which is within the slack.
   */
  blocked: 900_000 + 30_000,
  /** From the hint on: following ends after 30 s of failing polls, then the same 60 s. */
  told: 30_000 + 60_000,
  /** Without a feed: the TTL of 30 s, an index that is up to 30 s behind, and the lookup. */
  unfollowed: 30_000 + 30_000 + 5_000,
  /** A deletion is confirmed by a second read, which can need retries. */
  confirmed: 30_000,
  /** A mass deletion is believed after 5 min. */
  massDeletion: 300_000 + 60_000,
  /** No region responds, or not the nearest one, and only the nearest one can confirm a deletion. */
  staleIfError: 3_600_000,
} as const

/** The guard stores missing apps for 5 min, and a read can be late. */
const MASS_WINDOW_MS = 600_000
const MASS_AT_LEAST = 5
/** The second read that confirms a deletion begins 5 s after the answer of the first one arrived. */
const CONFIRM_MS = 5_000

/** Ages are in whole seconds, and lookups take time. */
const SLACK_MS = 6_000

/** The accepted reasons for an old answer. */
export type Excuses = {
  /** The node's requests have failed a moment ago. */
  readonly isStaleIfError: boolean
  /** Requests have failed recently, or another region was in use, which can't confirm a deletion. */
  readonly isUnconfirmed: boolean
}

/**
 * Why an answer is too old, if it is: in no region was it current recently enough.
 * @param app undefined is the answer that there is none
 */
export function whyTooOld(
  stacks: readonly MemoryStack[],
  answer: { readonly by: By; readonly name: string; readonly app: App | undefined },
  now: number,
  excuses: Excuses,
): string | undefined {
  let why: string | undefined
  for (const stack of stacks) {
    const end = endOf(stack, answer)
    if (end === 'true') return undefined
    const late = end === 'never' ? 'it was never so' : whyTooLate(stack, end, now, excuses)
    if (late === undefined) return undefined
    why ??= late
  }
  return why
}

function whyTooLate(stack: MemoryStack, end: Change, now: number, excuses: Excuses): string | undefined {
  const ageMs = now - end.at
  const isDeletion = wasAwaySince(stack, end)
  const confirmMs = isMassDeletion(stack, now) ? BOUNDS.massDeletion : BOUNDS.confirmed
  const extraMs = isDeletion ? confirmMs : 0
  if (excuses.isStaleIfError || (isDeletion && excuses.isUnconfirmed))
    return ageMs <= BOUNDS.staleIfError + extraMs ? undefined : `${seconds(ageMs)} old`
  const allow = (boundMs: number) => boundMs + extraMs + SLACK_MS
  if (!stack.hasFeed)
    return ageMs <= allow(BOUNDS.unfollowed) ? undefined : `${seconds(ageMs)} old, without a feed`
  if (ageMs > allow(BOUNDS.blocked)) return `${seconds(ageMs)} old`
  const told = stack.toldOf(end)
  const vouchedMs = told.wasDenied ? now - (told.at ?? now) : ageMs
  if (vouchedMs > allow(BOUNDS.vouched)) return `${seconds(ageMs)} old`
  const toldMs = now - (told.at ?? now)
  return toldMs > allow(BOUNDS.told) ? `${seconds(toldMs)} after the feed told of it` : undefined
}

/** A read while the app was deleted had to be confirmed, and the app can exist again. */
function wasAwaySince({ replica }: MemoryStack, end: Change): boolean {
  const changes = replica.changesOf(end.id)
  return changes.slice(changes.indexOf(end)).some(({ after }) => after === undefined)
}

/** So many apps are or were missing that the guard does not accept it. */
function isMassDeletion({ replica }: MemoryStack, now: number): boolean {
  const since = now - MASS_WINDOW_MS
  let missing = 0
  for (const changes of replica.allChanges())
    if (changes.some(({ after }, i) => after === undefined && (changes[i + 1]?.at ?? now) >= since))
      missing += 1
  return missing >= MASS_AT_LEAST
}

/**
 * Deleted apps that the guard does not accept yet: a node keeps them, and reads them again. These are many apps, or all that
 * the node knows, because no other app shows that the table is the right one.
 */
export function guardedIds(
  stack: MemoryStack,
  now: number,
  { isKnown, knownApps }: { readonly isKnown: (id: string) => boolean; readonly knownApps: number },
): string[] {
  const away = [...stack.replica.allChanges()].filter(isAway).flatMap(([change]) => change?.id ?? [])
  const isWithoutWitness = away.filter(isKnown).length === knownApps
  return isWithoutWitness || isMassDeletion(stack, now) ? away : []
}

const isAway = (changes: readonly Change[]) => changes.at(-1)?.after === undefined

/** Why a deletion is not confirmed, if it is not: two reads must have missed the app, far enough apart. */
export function whyNotGone(stacks: readonly MemoryStack[], id: string, now: number): string | undefined {
  const isGone = stacks.some(({ replica }) => absenceMs(replica.changesOf(id), now) >= CONFIRM_MS)
  return isGone ? undefined : 'it was away for a moment'
}

/** The time without the app. */
function absenceMs(changes: readonly Change[], now: number): number {
  const since = now - MASS_WINDOW_MS
  const absences = changes
    .map(({ after, at }, i) => ({ after, from: Math.max(at, since), to: changes[i + 1]?.at ?? now }))
    .filter(({ after, to }) => after === undefined && to >= since)
  return (absences.at(-1)?.to ?? 0) - (absences[0]?.from ?? 0)
}

/** The index by key can be this far behind, and a lookup takes time. */
const SHARED_MS = 45_000

/** Whether two apps had this key a moment ago, in which case the endpoint returns neither. */
export function wasShared(stacks: readonly MemoryStack[], key: string, now: number): boolean {
  const hadIt = (changes: readonly Change[]) =>
    changes.some(({ after }, i) => after?.key === key && (changes[i + 1]?.at ?? now) >= now - SHARED_MS)
  return stacks.some(({ replica }) => [...replica.allChanges()].filter(hadIt).length > 1)
}

const seconds = (ms: number) => `${Math.round(ms / 1000)} s`

/** The change after which the answer was no longer current. */
function endOf(
  { replica }: MemoryStack,
  { by, name, app }: Parameters<typeof whyTooOld>[1],
): Change | 'true' | 'never' {
  if (app !== undefined) return endOfContent(replica.changesOf(app.id), app)
  if (by === 'id') return endOfAbsence(replica.changesOf(name))
  return endOfKeylessness([...replica.allChanges()], name)
}

function endOfContent(changes: readonly Change[], app: App): Change | 'true' | 'never' {
  const last = changes.findLastIndex(({ after }) => after !== undefined && isSame(after, app))
  return last === -1 ? 'never' : (changes[last + 1] ?? 'true')
}

/** Before its first change there was no such app. */
function endOfAbsence(changes: readonly Change[]): Change | 'true' {
  const last = changes.findLastIndex(({ after }) => after === undefined)
  return changes[last + 1] ?? 'true'
}

/** The start of the last period in which there was always an app with the key, also in an index that is behind. */
function endOfKeylessness(all: readonly (readonly Change[])[], key: string): Change | 'true' {
  const holds = all.flatMap((changes) =>
    changes.flatMap((change, i) =>
      change.after?.key === key ? [{ change, until: changes[i + 1]?.at ?? Number.POSITIVE_INFINITY }] : [],
    ),
  )
  let begin: Change | undefined
  for (let from = Number.POSITIVE_INFINITY; ; ) {
    const earlier = holds.find(
      ({ change, until }) => change.at < from && until >= from + (change.id === begin?.id ? 0 : SHARED_MS),
    )
    if (earlier === undefined) return begin ?? 'true'
    begin = earlier.change
    from = begin.at
  }
}

const isSame = (one: App, other: App) =>
  one.key === other.key && one.enabled === other.enabled && one.maxConnections === other.maxConnections

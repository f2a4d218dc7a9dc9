import type { AppCache } from '../cache/cache.ts'
import { USED_WITHIN_MS } from '../cache/store.ts'
import { type Cursor, isFollowed } from '../feed/cursor.ts'
import { LONG_AGO, NEVER } from '../timers.ts'
import { type DueTimes, dueAt } from './due.ts'
import type { Tasks } from './tasks.ts'

/** A batch also has apps that are due within this part of their time, unless its reads must be consistent. */
const TAKE_ALONG = 0.3
/** How long apps that a plain read can renew wait for a plain batch, while others must be read consistently. */
const MAX_POSTPONED_MS = 10_000

/**
 * The order: lookups wait for apps of rank 0. Ranks 1 and 2 have users, 3 to 5 have none. Ranks 1 and 3 were named by a
 * hint. Rank 4 is looked up, rank 5 is only cached.
 */
type Rank = 0 | 1 | 2 | 3 | 4 | 5

/** An app to revalidate; the lower rank goes first. */
type Candidate = { readonly id: string; readonly rank: Rank; readonly dueAt: number }

/** The apps to revalidate. */
export type Backlog = {
  /** The most urgent apps that are due, and some that will soon be due. Empty if none is due. */
  readonly ids: readonly string[]
  /** The number of apps that are due, or wait for a retry. */
  readonly length: number
  /** When the next app will be due. */
  readonly nextDueAt: number
}

export type BacklogOptions = DueTimes & {
  readonly cache: AppCache
  readonly tasks: Tasks
  /** The ids of apps that have users. */
  readonly users: ReadonlySet<string>
  /** The ids of apps that lookups wait for. */
  readonly awaited: ReadonlyMap<string, unknown>
  /** The cursor of the region in use, while it is followed. */
  readonly followed: Cursor | undefined
  readonly maxItems: number
  readonly now: number
}

/** Reads all apps that are cached or have users. */
export function readBacklog(options: BacklogOptions): Backlog {
  const { cache, tasks, users, awaited, followed, maxItems, now } = options
  const takeAlongUntil = now + TAKE_ALONG * (followed ? options.followedMaxMs : options.appTtlMs)
  const due: Candidate[] = []
  const soon: Candidate[] = []
  let length = 0
  let nextDueAt = NEVER

  const rankOf = (id: string, usedAt: number): Rank => {
    if (awaited.has(id)) return 0
    const isNoted = tasks.dueSince(id) !== undefined
    if (users.has(id)) return isNoted ? 1 : 2
    return isNoted ? 3 : now - usedAt < USED_WITHIN_MS ? 4 : 5
  }
  const consider = (id: string, agedAt: number, usedAt: number) => {
    const at = awaited.has(id) ? LONG_AGO : (tasks.dueSince(id) ?? agedAt)
    const retryAt = tasks.retryAt(id)
    if (at <= now) length += 1
    if (at > now || retryAt > now) nextDueAt = Math.min(nextDueAt, Math.max(at, retryAt))
    if (retryAt > now || at > takeAlongUntil) return
    if (at > now) soon.push({ id, rank: 0, dueAt: at })
    else due.push({ id, rank: rankOf(id, usedAt), dueAt: at })
  }

  tasks.keepOnly((id) => cache.peek(id) !== undefined || users.has(id))
  for (const entry of cache.entries()) {
    const { id } = entry.app
    consider(id, dueAt(entry, users.has(id), followed, now, options), entry.usedAt)
  }
  for (const id of users) if (!cache.peek(id)) consider(id, LONG_AGO, LONG_AGO)

  if (due.length === 0) return { ids: [], length, nextDueAt }
  due.sort(byUrgency)
  const isRenewable = ({ id }: Candidate) => isFollowed(cache.peek(id)?.followed, followed, now)
  const chosen =
    !followed || due.every(isRenewable)
      ? [...due, ...soon.sort(byUrgency)]
      : due.filter((one) => !isRenewable(one) || one.dueAt < now - MAX_POSTPONED_MS)
  return { ids: chosen.slice(0, maxItems).map(({ id }) => id), length, nextDueAt }
}

const byUrgency = (one: Candidate, other: Candidate) => one.rank - other.rank || one.dueAt - other.dueAt

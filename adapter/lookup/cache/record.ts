import type { App } from '../app.ts'
import type { Failure } from '../endpoint/response.ts'
import { type Followed, followedUntil } from '../feed/cursor.ts'
import { LONG_AGO, NEVER } from '../timers.ts'

/** An app as it was when DynamoDB was read, and for how long after that its previous secret is accepted at most. */
export type Reading = {
  readonly app: App
  readonly etag?: string | undefined
  readonly readAt: number
  readonly graceMs?: number | undefined
}

/** A failed lookup, and how long it is remembered. */
export type CachedFailure = { readonly failure: Failure; readonly failedAt: number; readonly until: number }

/** What the node knows of one app, and when it will read the app again: one object for as long as the app is known. */
export type AppRecord = {
  readonly id: string
  /** The same object while nothing in it changes. Absent if only open sockets are known. */
  app: App | undefined
  etag: string | undefined
  readAt: number
  /** How the app is followed; not after a hint. */
  followed: Followed | undefined
  /** When it was last looked up, in whole seconds, which take less memory than other numbers; 0 for never. */
  usedAtS: number
  /** Whether this node has open sockets of the app. */
  isLive: boolean
  /** What is to be done about the app apart from its age. */
  task: Task | undefined
  /** Its place in the schedule. */
  place: number
}

/**
 * What is to be done about an app apart from its age: a hint named it, a read failed, or its deletion is not confirmed.
 * Few apps have one, so that the others take less memory.
 */
export type Task = {
  /** Since when the app is due, whatever its age. A later hint does not change its place in the queue. */
  dueSince: number
  /** When the last hint came, or the last read failed. A read that was sent before does not settle the task. */
  changedAt: number
  /** No revalidation before this time. */
  notBefore: number
  /** Revalidations that failed in a row. */
  failures: number
  /** The endpoint says that the app was deleted, and it is too early to ask again. */
  isUnconfirmed: boolean
  /** From a snapshot: served while no region answers, but never fresh. */
  isLoaded: boolean
  /** Whether another known app has the same key: only a lookup by key can tell which of them it finds. */
  isContested: boolean
  /** Until when the app was followed, if a hint ended that. */
  followedUntil: number
  /** Not-found responses that do not yet confirm a deletion. */
  absence: Absence | undefined
  /** Ends the wait of lookups for the next batch. */
  wait: Wait | undefined
}

/** When the first read that did not find a known app began, and when the first consistent one had arrived. */
export type Absence = { readonly readAt: number; readonly consistentAt: number }

export type Wait = { readonly promise: Promise<void>; readonly end: () => void }

export const createRecord = (id: string): AppRecord => ({
  id,
  app: undefined,
  etag: undefined,
  readAt: LONG_AGO,
  followed: undefined,
  usedAtS: 0,
  isLive: false,
  task: undefined,
  place: -1,
})

/** The app's task, which is created if there is none. */
export function taskOf(record: AppRecord): Task {
  record.task ??= {
    dueSince: NEVER,
    changedAt: LONG_AGO,
    notBefore: LONG_AGO,
    failures: 0,
    isUnconfirmed: false,
    isLoaded: false,
    isContested: false,
    followedUntil: LONG_AGO,
    absence: undefined,
    wait: undefined,
  }
  return record.task
}

/** Whether the app is due, whatever its age. */
export const hasChanged = ({ task }: AppRecord): boolean => task !== undefined && task.dueSince < NEVER

/** The last time at which the app is known to have been current. */
export function validAt(record: AppRecord, now: number): number {
  const { readAt, task } = record
  return Math.max(readAt, task?.followedUntil ?? LONG_AGO, Math.min(now, followedUntil(record.followed)))
}

/** The app is followed in this way, or no longer. */
export function follow(record: AppRecord, followed: Followed | undefined): void {
  if (record.followed) record.followed.cursor.apps -= 1
  if (followed) followed.cursor.apps += 1
  record.followed = followed
}

/** The app may have changed: it is no longer followed. */
export function unfollow(record: AppRecord, now: number): void {
  if (!record.followed) return
  taskOf(record).followedUntil = validAt(record, now)
  follow(record, undefined)
}

import { type AppRecord, hasChanged } from '../cache/record.ts'
import type { Cursor } from '../feed/cursor.ts'
import { NEVER } from '../timers.ts'
import { RANKS, type Rank, type Schedule } from './schedule.ts'

export type PickOptions = {
  readonly schedule: Schedule
  /** All known apps. */
  readonly records: Iterable<AppRecord>
  /** The cursor of the region in use, while it is followed. */
  readonly followed: Cursor | undefined
  readonly maxItems: number
  readonly now: number
  readonly appTtlMs: number
  readonly followedMaxMs: number
}

/** A batch also has apps that are due within this part of their time, unless its reads must be consistent. */
const TAKE_ALONG = 0.3
/** How long renewals wait while other apps must be read consistently. */
const MAX_POSTPONED_MS = 10_000
const MAX_WITNESS_TRIES = 100

/** Most urgent first. Renewals that must not be postponed any longer go before what no client waits for. */
const READ_RANKS = [RANKS.awaited, RANKS.liveAndChanged, RANKS.live, RANKS.changed, RANKS.used, RANKS.cached]

/**
 * Takes the apps of the next batch out of the schedule: the most urgent ones that are due, and some that will soon be due.
 * Empty if none is due.
 */
export function pickBatch(options: PickOptions): AppRecord[] {
  const { schedule, followed, maxItems, now, appTtlMs, followedMaxMs } = options
  const picked: AppRecord[] = []
  const take = (rank: Rank, before = NEVER) => {
    for (const [record, since] of schedule.due(rank)) {
      if (picked.length >= maxItems || since >= before) return
      picked.push(record)
    }
  }
  const hasReads = READ_RANKS.some((rank) => schedule.due(rank).size > 0)
  for (const rank of hasReads ? READ_RANKS : []) {
    if (rank === RANKS.used) take(RANKS.renewal, now - MAX_POSTPONED_MS)
    take(rank)
  }
  if (!hasReads) take(RANKS.renewal)
  if (picked.length === 0) return picked
  if (picked.some(({ task }) => task?.isUnconfirmed)) addWitness(picked, options)
  for (const record of picked) schedule.remove(record)
  if (followed && hasReads) return picked
  const until = now + TAKE_ALONG * (followed ? followedMaxMs : appTtlMs)
  while (picked.length < maxItems) {
    const soon = schedule.takeNext(until)
    if (!soon) break
    picked.push(soon)
  }
  return picked
}

/**
 * Another known app, whose read shows that the table is neither empty nor the wrong one. It is none that has changed, because
 * that one may be deleted too.
 */
function addWitness(picked: AppRecord[], { records, maxItems }: PickOptions): void {
  let tries = 0
  for (const record of records) {
    if (++tries > MAX_WITNESS_TRIES) return
    if (!record.app || hasChanged(record) || picked.includes(record)) continue
    if (picked.length >= maxItems) picked.pop()
    picked.push(record)
    return
  }
}

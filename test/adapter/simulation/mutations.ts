import type { Schedule } from './schedules.ts'

/** A rule that is broken on purpose: a text in a file of `adapter/lookup/`, and its replacement. */
export type Mutation = {
  readonly rule: string
  readonly file: string
  readonly find: string
  readonly replace: string
  /** How it is found: by random seeds, or by a schedule. */
  readonly foundBy: 'seeds' | Schedule
}

const FOLLOWED_WHATEVER_WAS_HEARD =
  "this.#options.feed.follow('', { region: this.#options.regions.inUse(), sentAt: this.#options.clock() })"

/**
 * One rule is not among them: a cursor counts from the arrival of its first poll, not from its sending. A difference needs a
 * consistent read that is sent in between, when there is no cursor: it must be sent for the cursor before and, after a 401,
 * again with a new token. feed.test.ts has this case.
 */
export const MUTATIONS: readonly Mutation[] = [
  {
    rule: 'a hint ends that an app is followed, and has it read again',
    file: 'lookup.ts',
    find: 'cache.hint(hint, clock())\n      queue.hint(hint)',
    replace: '',
    foundBy: 'seeds',
  },
  {
    rule: 'only the answer of a consistent read is followed',
    file: 'revalidator.ts',
    find: 'asked.some(({ wasFollowed }) => !wasFollowed) && feed.cursorOf(regions.inUse()) !== undefined',
    replace: 'false',
    foundBy: 'seeds',
  },
  {
    rule: 'an app that is not followed is not renewed by a plain read',
    file: 'revalidator.ts',
    find: 'wasFollowed: isFollowed(entry?.followed, feed.followed(), clock())',
    replace: `wasFollowed: entry !== undefined && (entry.followed ??= ${FOLLOWED_WHATEVER_WAS_HEARD}) !== undefined`,
    foundBy: 'seeds',
  },
  {
    rule: 'an app that could not be read stays in the queue',
    file: 'revalidator.ts',
    find: "if ('reason' in answer) this.fail(asked.id, answer)",
    replace:
      "if ('reason' in answer) this.#takeFound(asked, { outcome: 'found', value: 'unchanged', ageMs: 0, consistent: true }, from)",
    foundBy: 'seeds',
  },
  {
    rule: 'an app is not renewed by a plain read during which a hint came',
    file: 'revalidator.ts',
    find: 'if (entry.followed && answer',
    replace: `if ((entry.followed ??= ${FOLLOWED_WHATEVER_WAS_HEARD}) && answer`,
    foundBy: 'a hint during a plain read',
  },
  {
    rule: 'another app than the one known is not taken from a plain read',
    file: 'revalidator.ts',
    find: 'asked.wasFollowed && !answer.consistent',
    replace: "asked.wasFollowed && !answer.consistent && 'value' in answer && answer.value === 'unchanged'",
    foundBy: 'a plain read that is far behind',
  },
  {
    rule: 'a hint ends that the absence of an id is followed',
    file: 'negative-cache.ts',
    find: 'if (answer) answer.followed = undefined\n    for',
    replace: 'for',
    foundBy: 'seeds',
  },
  {
    rule: 'a hint of its hash ends that the absence of a key is followed',
    file: 'negative-cache.ts',
    find: '      answerByKey.followed = undefined\n',
    replace: '',
    foundBy: 'seeds',
  },
  {
    rule: 'a deletion is believed when a second read says so',
    file: 'mass-deletion-guard.ts',
    find: 'const isConfirmed = readAt >= confirmedFrom',
    replace: 'const isConfirmed = true',
    foundBy: 'seeds',
  },
  {
    rule: "a key that has moved is the other app's",
    file: 'store.ts',
    find: 'if (entry.app.key !== app.key) this.#releaseKey(entry.app.key, app.id)',
    replace: '',
    foundBy: 'seeds',
  },
  {
    rule: 'an app is followed for 15 minutes at most',
    file: 'feed.ts',
    find: 'until: sentAt + this.#options.followedMaxMs',
    replace: 'until: Number.POSITIVE_INFINITY',
    foundBy: 'a blocked shard',
  },
  {
    rule: 'a node follows while the newest heartbeat is less than 210 s old',
    file: 'region-feed.ts',
    find: 'this.heartbeatAt + HEARTBEAT_WITHIN_MS)',
    replace: 'Number.POSITIVE_INFINITY)',
    foundBy: 'a dead stream',
  },
  {
    rule: 'a node follows while its last poll is less than 30 s old',
    file: 'region-feed.ts',
    find: 'Math.min(at + POLLED_WITHIN_MS, ',
    replace: 'Math.min(Number.POSITIVE_INFINITY, ',
    foundBy: 'polls that fail',
  },
  {
    rule: 'what was followed is served for 60 s at most while it is revalidated',
    file: 'cache.ts',
    find: 'followed.cursor.followingUntil + FALLBACK_MS)',
    replace: 'Number.POSITIVE_INFINITY)',
    foundBy: 'a dead stream and a queue that gets no answer',
  },
  {
    rule: 'an expired cursor ends all that it followed',
    file: 'region-feed.ts',
    find: '    this.cursor.followingUntil = Math.min(this.cursor.followingUntil, now)\n    this.cursor = undefined',
    replace: '    Object.assign(this.cursor, { position: undefined })',
    foundBy: 'a stream that was replaced',
  },
  {
    rule: 'a page with more behind it vouches for nothing',
    file: 'region-feed.ts',
    find: 'if (more) this.#planNextPage(now)\n    else ',
    replace: '',
    foundBy: 'a page with more behind it',
  },
  {
    rule: 'an answer is not followed if a hint came while it was on its way',
    file: 'feed.ts',
    find: 'if (this.#recent.haveNamedId(id, sentAt)) return undefined',
    replace: '',
    foundBy: 'a hint during a read',
  },
  {
    rule: 'a negative answer is not followed within 60 s after a hint',
    file: 'feed.ts',
    find: 'const since = readAt - INDEX_LAG_MS',
    replace: 'const since = readAt',
    foundBy: 'an index that lags',
  },
  {
    rule: 'an age below 0 is no age',
    file: 'page.ts',
    find: 'if (!isCount(heartbeatAge) || !isCount(age))',
    replace: "if (typeof heartbeatAge !== 'number' || typeof age !== 'number')",
    foundBy: 'a heartbeat from the future',
  },
  {
    rule: 'an answer is followed from a read that began after the first poll of its cursor had arrived',
    file: 'feed.ts',
    find: 'sentAt < cursor.startedAt',
    replace: 'false',
    foundBy: 'a log that lost its entries during a read',
  },
  {
    rule: 'answers of another region are never followed',
    file: 'feed.ts',
    find: 'return this.#feedOf(region)?.cursor\n',
    replace: 'return this.#feeds.find(({ cursor }) => cursor)?.cursor\n',
    foundBy: 'a fail-over to a region that lags',
  },
]

import { type AppLookupOptions, createAppLookup } from '../../../adapter/lookup/index.ts'
import type { MemoryStack } from '../world/memory-stack.ts'
import {
  beatsAlways,
  changes,
  changesResults,
  deafDuringReads,
  type Exchange,
  emptyPageIf,
  hidesAge,
  isStatus,
  type Json,
  movesAlways,
  neverConsistent,
  readsAllOrNothing,
  repeatsAbsences,
  unchangedIfFailed,
} from './deceptions.ts'
import type { Schedule } from './schedules.ts'
import type { Subject } from './simulated-node.ts'

/**
 * A rule that is broken from outside: by what the lookup's settings, the responses of its endpoint, or the stream and the log
 * make the code believe. So it does what it would do without the rule.
 */
export type BrokenRule = {
  readonly rule: string
  readonly settings?: Partial<AppLookupOptions>
  /** Changes the exchanges of a region. */
  readonly deceive?: (exchange: Exchange) => Exchange
  /** Changes what the functions of a region use. */
  readonly breakStack?: (stack: MemoryStack) => void
  /** What detects it: random seeds, from this one on, or a schedule. */
  readonly foundBy: number | Schedule
}

/** The lookup and the functions without the rule. */
export function breakRule({ settings, deceive = (exchange) => exchange, breakStack }: BrokenRule): Subject {
  return {
    breakStack,
    createAppLookup: (options) => {
      const createEndpoint: NonNullable<typeof options.ports>['createEndpoint'] = (...args) => {
        const endpoint = options.ports?.createEndpoint?.(...args)
        if (endpoint === undefined) throw new Error('only for a simulation')
        return { ...endpoint, exchange: deceive(endpoint.exchange) }
      }
      return createAppLookup({ ...options, ...settings, ports: { ...options.ports, createEndpoint } })
    },
  }
}

export const BROKEN_RULES: readonly BrokenRule[] = [
  {
    rule: 'a hint ends that an app is followed, and has it read again',
    deceive: changes('poll', (page) => ({ ...page, changes: [] })),
    foundBy: 1,
  },
  {
    rule: 'a hint of its hash ends that the absence of a key is followed',
    deceive: changes('poll', (page) => ({
      ...page,
      changes: (page.changes as Json[]).map((hint) => ({ ...hint, keys: ['AAAAAAAAAAA'] })),
    })),
    foundBy: 11,
  },
  {
    rule: 'only the result of a consistent read is followed',
    deceive: neverConsistent,
    foundBy: 9,
  },
  {
    rule: 'an app that could not be read stays in the queue',
    deceive: unchangedIfFailed,
    foundBy: 'a dead stream and a queue that gets no answer',
  },
  {
    rule: 'a deletion is accepted when a second read says so',
    deceive: repeatsAbsences,
    foundBy: 3,
  },
  {
    rule: 'an app is not followed from a read during which a hint came',
    deceive: deafDuringReads,
    foundBy: 'a hint during a plain read',
  },
  {
    rule: 'another app than the cached one is not accepted from a plain read',
    deceive: changesResults((result) => ({ ...result, consistent: true })),
    foundBy: 'a plain read that is far behind',
  },
  {
    rule: 'an app is followed for 15 minutes at most',
    settings: { followedMaxMs: 24 * 3_600_000 },
    foundBy: 'a blocked shard',
  },
  {
    rule: 'a node follows while the newest heartbeat is less than 210 s old',
    deceive: beatsAlways,
    foundBy: 'a dead stream',
  },
  {
    rule: 'a node follows while its last poll is less than 30 s old',
    deceive: emptyPageIf(isStatus(503)),
    foundBy: 'polls that fail',
  },
  {
    rule: 'an expired cursor ends all that it followed',
    deceive: emptyPageIf(isStatus(410)),
    foundBy: 'a stream that was replaced',
  },
  {
    rule: 'a page with more behind it does not confirm anything',
    deceive: changes('poll', (page) => ({ ...page, more: false })),
    foundBy: 'a page with more behind it',
  },
  {
    rule: 'a heartbeat is new only when the cursor has moved',
    deceive: movesAlways,
    foundBy: 12,
  },
  {
    rule: 'the time for which a cache stored a page is a part of its age',
    deceive: hidesAge,
    foundBy: 3,
  },
  {
    rule: 'the hints of a page with more behind it count',
    deceive: changes('poll', (page) => (page.more ? { ...page, changes: [] } : page)),
    foundBy: 'a reader that is many pages behind',
  },
  {
    rule: 'a page has a part of what there is to read',
    breakStack: ({ log }) => readsAllOrNothing(log),
    foundBy: 9,
  },
  {
    rule: 'an item with a number that no entry can have is not an entry',
    breakStack: ({ log }) => {
      log.maxSeq = () => Number.MAX_VALUE
    },
    foundBy: 60,
  },
  {
    rule: 'a log that lacks the heartbeat before has a new epoch',
    breakStack: ({ stream }) => {
      stream.hasScheduledTimes = false
    },
    foundBy: 'a log that was restored and grew beyond its old end',
  },
  {
    rule: 'an age below 0 is no age',
    deceive: beatsAlways,
    foundBy: 'a heartbeat from the future',
  },
]

import { expect } from 'vitest'
import { hashKey } from '../../functions/feed/stream-records.ts'

const RECORDED_AT = 1_700_000_000

/** The result of each event for RecordChanges: the entry, if any, and the metrics. */
export const RECORD_EVENTS: readonly {
  readonly title: string
  readonly event: string
  readonly entry?: { readonly hints: readonly object[]; readonly heartbeatAt?: number }
  readonly counted: object
}[] = [
  {
    title: 'an app that is new has one key',
    event: 'record-created',
    entry: { hints: [{ id: 'demo', keys: [hashKey('demo-key')] }] },
    counted: { ChangesRecorded: [1] },
  },
  {
    title: 'an app that got another key has both',
    event: 'record-changed',
    entry: { hints: [{ id: 'demo', keys: [hashKey('demo-key'), hashKey('demo-key-2')] }] },
    counted: { ChangesRecorded: [1] },
  },
  {
    title: 'an app that was deleted has its last key',
    event: 'record-removed',
    entry: { hints: [{ id: 'demo', keys: [hashKey('demo-key')] }] },
    counted: { ChangesRecorded: [1] },
  },
  {
    title: "an app deleted by DynamoDB's TTL is a change like any other deletion",
    event: 'record-expired',
    entry: { hints: [{ id: 'demo', keys: [hashKey('demo-key')] }] },
    counted: { ChangesRecorded: [1] },
  },
  {
    title: 'a hint from a stream with keys only has no key hashes',
    event: 'record-keys-only',
    entry: { hints: [{ id: 'demo' }] },
    counted: { ChangesRecorded: [1] },
  },
  {
    title: "the region's heartbeat is no hint",
    event: 'record-heartbeat',
    entry: { hints: [], heartbeatAt: RECORDED_AT },
    counted: { FeedLag: [expect.any(Number)] },
  },
  {
    title: "another region's heartbeat has its age written, and is no entry",
    event: 'record-other-heartbeat',
    counted: { ReplicatedHeartbeatAge: expect.any(Number), region: 'eu-west-1' },
  },
  {
    title: 'records of other tables are ignored',
    event: 'record-other-table',
    counted: { RecordsIgnored: [2] },
  },
]

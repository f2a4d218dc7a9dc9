import { expect, it } from 'vitest'
import { AppCache } from '../../adapter/lookup/cache/cache.ts'
import type { Region } from '../../adapter/lookup/endpoint/region.ts'
import { readBacklog } from '../../adapter/lookup/refresh/backlog.ts'
import { Tasks } from '../../adapter/lookup/refresh/tasks.ts'
import { SECOND } from '../support/virtual-time.ts'
import { appWith } from './endpoint-double.ts'

const NOW = 1_000_000
const times = {
  appTtlMs: 30_000,
  negativeCacheTtlMs: 5_000,
  staleIfErrorMs: 3_600_000,
  followedMaxMs: 900_000,
  revalidateIntervalMs: 60_000,
  confirmMs: 15_000,
  confirmConsistentMs: 5_000,
  guardMs: 300_000,
}

it.each([
  ['waits while another app has to be read consistently', 9 * SECOND, ['changed']],
  ['goes along after 10 s: it is never starved', 11 * SECOND, ['changed', 'followed']],
])('an app that is due for renewal %s', (_, dueForMs, ids) => {
  const cursor = {
    region: {} as unknown as Region,
    startedAt: 0,
    jitter: 0,
    position: '',
    followingUntil: NOW + 30 * SECOND,
  }
  const cache = new AppCache({ ...times, maxApps: 10, maxNegatives: 10, random: () => 0 })
  const read = (id: string, followed?: { readonly cursor: typeof cursor; readonly until: number }) =>
    cache.found('id', { app: appWith({ id, key: `key-of-${id}` }), readAt: NOW - 100 * SECOND }, followed)
  read('changed')
  read('followed', { cursor, until: NOW + 0.05 * times.followedMaxMs - dueForMs })
  const backlog = readBacklog({
    ...times,
    cache,
    tasks: new Tasks(),
    users: new Set(),
    awaited: new Map(),
    followed: cursor,
    maxItems: 100,
    now: NOW,
  })
  expect(backlog.ids).toEqual(ids)
})

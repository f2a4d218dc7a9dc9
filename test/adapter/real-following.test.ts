import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  type App,
  type AppLookup,
  type AppLookupOptions,
  createAppLookup,
} from '../../adapter/lookup/index.ts'
import { type Endpoint, startEndpoint, TOKEN } from '../../harness/local-endpoint.ts'
import { LiveApps } from './live-apps.ts'
import { PATIENT } from './lookup-on.ts'

let endpoint: Endpoint
beforeAll(async () => {
  endpoint = await startEndpoint()
})
afterAll(() => endpoint.close())

/** A lookup that polls once per second, and learns of changes by the feed only. */
function startLookup(options: Partial<AppLookupOptions> = {}) {
  const told: { readonly id: string; readonly app: App | undefined }[] = []
  const lookup = createAppLookup({
    url: endpoint.url,
    token: TOKEN,
    feedPollIntervalMs: 1_000,
    appTtlMs: 600_000,
    revalidateIntervalMs: 600_000,
    negativeCacheTtlMs: 500,
    ...PATIENT,
    ...options,
  })
  onTestFinished(() => lookup.close())
  const users = new LiveApps(lookup)
  lookup.onChange((id, app) => {
    if (users.has(id)) told.push({ id, app })
  })
  const follows = (apps: number) =>
    expect.poll(() => lookup.stats().revalidation).toMatchObject({ feed: 'following', followedApps: apps })
  return { lookup, users, told, follows }
}

const requestsOf = (lookup: AppLookup, kind: 'lookup' | 'batch' | 'poll') =>
  Object.values(lookup.stats().regions[0]?.requests[kind] ?? {}).reduce((sum, count) => sum + count, 0)

describe('on the real stack', () => {
  it('the start-up check reports that changes are followed', async () => {
    const { lookup } = startLookup()
    expect((await lookup.check()).summary).toMatch(/ answers; changes are followed$/)
  })

  it('a change, another key, a deletion and a new app are known, without a single lookup', async () => {
    for (const id of ['changed', 'moved', 'removed']) await endpoint.put(id)
    const { lookup, users, told, follows } = startLookup()
    await lookup.check()
    for (const id of ['changed', 'moved', 'removed']) expect(await lookup.findById(id)).toBeDefined()
    await follows(3)
    for (const id of ['changed', 'moved', 'removed']) users.add(id)
    const before = requestsOf(lookup, 'lookup')

    await endpoint.put('changed', { Enabled: { BOOL: false } })
    await endpoint.put('moved', { AppKey: { S: 'moved-to' } })
    await endpoint.remove('removed')
    await expect.poll(() => lookup.peek('changed')?.enabled).toBe(false)
    await expect.poll(() => lookup.peek('moved')?.key).toBe('moved-to')
    await expect.poll(() => told.some(({ app }) => app === undefined)).toBe(true)
    expect(told.find(({ app }) => app === undefined)?.id).toBe('removed')
    expect(requestsOf(lookup, 'lookup')).toBe(before)

    expect(await lookup.findByKey('moved-to')).toMatchObject({ id: 'moved' })
    expect(await lookup.findByKey('moved-key')).toBeUndefined()
    expect(await lookup.findByKey('new-key')).toBeUndefined()
    await endpoint.put('new')
    await expect.poll(() => lookup.findByKey('new-key')).toMatchObject({ id: 'new' })
  })
})

import { describe, expect, it } from 'vitest'
import type { Request } from '../../adapter/lookup/endpoint/request.ts'
import { MINUTE, SECOND } from '../support/virtual-time.ts'
import { appOf, idsOf, startWithoutFeed } from './world/node.ts'
import { itemsOf, json } from './world/region.ts'

describe('batches', () => {
  it('have at most 100 apps, and are sent once a second', async () => {
    const { time, batches, use } = await startWithoutFeed({ apps: 250 })
    use(idsOf(250))
    await time.run(5 * MINUTE)
    const sizes = batches().map(({ request }) => itemsOf(request).length)
    expect(Math.max(...sizes)).toBe(100)
    const gaps = batches()
      .slice(1)
      .map(({ at }, i) => at - (batches()[i]?.at ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(SECOND)
  })

  it('include apps that are due soon', async () => {
    const { time, batches, find } = await startWithoutFeed({ apps: 100 })
    for (let s = 0; s < 120; s += 1) {
      await find(`app-${s % 100}`)
      await time.run(900)
    }
    const sizes = batches().map(({ request }) => itemsOf(request).length)
    expect(sizes.length).toBeLessThanOrEqual(7)
  })

  it('have the ETag of each app, so that only changed apps are sent', async () => {
    const { time, batches } = await startWithoutFeed()
    await time.run(30 * SECOND)
    const [first] = batches()
    expect(first && itemsOf(first.request).every(({ etag }) => etag !== undefined)).toBe(true)
  })

  it('stay below 64 KiB', async () => {
    const { near, lookup, time, batches, use } = await startWithoutFeed({ apps: 0 })
    const long = Array.from({ length: 35 }, (_, i) => `${'long/'.repeat(400)}${i}`)
    for (const id of long) near.write(id, appOf(id))
    use(long)
    await time.run(15 * SECOND)
    expect(long.every((id) => lookup.peek(id) !== undefined)).toBe(true)
    const sizes = batches().map(({ request }) => Buffer.byteLength(request.body ?? ''))
    expect(Math.max(...sizes)).toBeLessThan(64 * 1024)
    expect(sizes).toHaveLength(2)
  })

  it('are halved until their responses are small enough, and an app that is too large delays no other', async () => {
    const { near, lookup, time, use } = await startWithoutFeed({ apps: 16 })
    near.replies.batch = (request) =>
      itemsOf(request).length > 4 || itemsOf(request).some(({ id }) => id === 'app-3')
        ? { fault: 'too-large' }
        : undefined
    for (const id of idsOf(16)) near.write(id, appOf(id, { enabled: false }))
    use(idsOf(16))
    await time.run(2 * MINUTE)
    const current = idsOf(16).filter((id) => lookup.peek(id)?.enabled === false)
    expect(current).toEqual(idsOf(16).filter((id) => id !== 'app-3'))
    expect(lookup.stats().revalidation.queueLength).toBeGreaterThan(0)
  })
})

describe('a problem of one app affects no other app', () => {
  it('when its result is an error: it is retried with a growing delay', async () => {
    const { near, lookup, time, batches, use, lines } = await startWithoutFeed({ apps: 10 })
    use(idsOf(10))
    near.replies.batch = (request) => {
      const results = itemsOf(request).map(({ id }) =>
        id === 'app-3' ? { status: 500, code: 'app-malformed' } : { status: 304, age: 0 },
      )
      return json(200, { results })
    }
    await time.run(10 * MINUTE)
    const asked = (id: string) =>
      batches().filter(({ request }) => itemsOf(request).some((item) => item.id === id)).length
    expect(asked('app-1')).toBeGreaterThan(20)
    expect(asked('app-3')).toBeGreaterThan(8)
    expect(asked('app-3')).toBeLessThan(35)
    expect(lookup.peek('app-3')).toBeDefined()
    const lined = lines.filter((line) => line.includes('"app-3" cannot be used: app-malformed'))
    expect(lined.length).toBeGreaterThan(5)
    expect(lined.length).toBeLessThanOrEqual(10)
  })

  it('when its webhooks are nested so deeply that a recursive function overflows', async () => {
    const { near, lookup, time, use, told } = await startWithoutFeed({ apps: 10 })
    const deep = `{"event_types":["a"],"deep":${'{"a":'.repeat(20_000)}0${'}'.repeat(20_000)}}`
    const textOf = (id: string) => {
      const text = JSON.stringify(near.byId(id))
      return id === 'app-3' ? text.replace(/}$/, `,"webhooks":[${deep}]}`) : text
    }
    near.replies.batch = (request) => {
      const results = itemsOf(request).map(({ id }) => `{"status":200,"age":0,"app":${textOf(id)}}`)
      return json(200, `{"results":[${results.join(',')}]}`)
    }
    use(idsOf(10))
    for (const id of ['app-1', 'app-5']) near.write(id, appOf(id, { enabled: false }))
    await time.run(3 * MINUTE)
    expect(new Set(told.filter(({ app }) => app?.enabled === false).map(({ id }) => id))).toEqual(
      new Set(['app-1', 'app-5']),
    )
    expect(lookup.peek('app-3')).toBeDefined()
    expect(lookup.peek('app-3')?.webhooks).toBeUndefined()
  })
})

describe('when batches fail and lookups do not', () => {
  const each = (result: object) => (request: Request) =>
    json(200, { results: itemsOf(request).map(() => result) })
  const failures: readonly (readonly [string, (request: Request) => ReturnType<typeof json>])[] = [
    ['500', () => json(500, { code: 'internal' })],
    ['404', () => json(404, { message: 'Not Found' })],
    ['413', () => json(413, { code: 'body-too-large' })],
    ['403', () => json(403, { message: 'Forbidden' })],
    ['no results', () => json(200, { results: [] })],
    ['404 of one app', () => json(404, { code: 'app-not-found', app: null })],
    ['503 for each app', each({ status: 503, code: 'store-throttled' })],
    ['400 for each app', each({ status: 400, code: 'invalid-request' })],
    ['an app that nobody asked for', each({ status: 200, app: appOf('other'), etag: '"x"', age: 0 })],
  ]

  it.each(failures)(
    '(%s) that is logged, they are repeated less often, and lookups find what has changed',
    async (_, answer) => {
      const { near, lookup, time, use, told, lines } = await startWithoutFeed({ apps: 20 })
      use(idsOf(20))
      near.replies.batch = answer
      near.write('app-7', appOf('app-7', { enabled: false }))
      const since = time.now
      await time.run(2 * MINUTE)
      void lookup.findById('app-7')
      await time.run(5 * SECOND)
      expect(told).toMatchObject([{ id: 'app-7', app: { enabled: false } }])
      expect(near.count('batch', since)).toBeLessThan(15)
      const warnings = lines.filter((line) => line.includes('batches fail'))
      expect(warnings.length).toBeGreaterThanOrEqual(1)
      expect(warnings.length).toBeLessThanOrEqual(2)
      expect(lookup.stats().revalidation.outcomes.failed).toBeGreaterThan(0)
      expect(lookup.stats().regions[0]).toMatchObject({ state: 'answering' })
    },
  )

  it('they are retried, and the apps are followed again', async () => {
    const { near, time, use, batches } = await startWithoutFeed({ apps: 20 })
    use(idsOf(20))
    near.replies.batch = () => json(500, { code: 'internal' })
    await time.run(5 * MINUTE)
    delete near.replies.batch
    await time.run(2 * MINUTE)
    const since = time.now
    const before = batches().length
    await time.run(5 * MINUTE)
    expect(near.count('lookup', since)).toBe(0)
    expect(batches().length - before).toBeGreaterThan(4)
  })

  it('an endpoint that rejects every request does not get a lookup every second', async () => {
    const { near, time, use } = await startWithoutFeed({ apps: 20 })
    use(idsOf(20))
    near.replies.batch = () => json(429, { message: 'Too Many Requests' })
    near.replies.lookup = () => json(429, { message: 'Too Many Requests' })
    const since = time.now
    await time.run(10 * MINUTE)
    expect(near.count('lookup', since) + near.count('batch', since)).toBeLessThan(50)
  })

  it('look up 100 keys at a time, past the rate limit, and long keys one by one', async () => {
    const { near, lookup, time } = await startWithoutFeed({ apps: 0, unknownLookupsPerSecond: 1 })
    const long = { id: 'long', key: 'k'.repeat(300) }
    near.write(long.id, appOf(long.id, long))
    for (const id of idsOf(250)) near.write(id, appOf(id))
    await time.run(MINUTE)
    const since = time.now
    const keys = [...idsOf(250).map((id) => `key-of-${id}`), 'nobody', long.key]
    const found = lookup.findByKeys(keys)
    await time.run(2 * SECOND)
    const apps = await found
    expect(keys.map((key) => apps.get(key)?.key)).toEqual(
      keys.map((key) => (key === 'nobody' ? undefined : key)),
    )
    expect(apps.has('nobody')).toBe(true)
    expect([near.count('batch', since), near.count('lookup', since)]).toEqual([3, 1])
  })

  it('that fail say nothing about their keys', async () => {
    const { near, lookup, time } = await startWithoutFeed()
    near.replies.batch = () => json(503, { code: 'store-throttled' })
    const found = lookup.findByKeys(['key-of-app-7', 'nobody'])
    await time.run(10 * SECOND)
    expect([...(await found)]).toEqual([])
  })
})

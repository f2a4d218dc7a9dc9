import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../support/virtual-time.ts'
import { appOf, idsOf, startWithoutFeed } from './world/node.ts'
import { json } from './world/region.ts'

describe('while changes are not followed', () => {
  it('an app that is looked up is revalidated before its TTL ends, and no lookup waits', async () => {
    const { near, time, find, batches } = await startWithoutFeed()
    for (let s = 0; s < 300; s += 5) {
      expect(await find('app-0')).toBeDefined()
      await time.run(4_900)
    }
    expect(near.count('lookup')).toBe(3)
    expect(batches().length).toBeGreaterThanOrEqual(10)
    expect(batches().length).toBeLessThanOrEqual(15)
    expect(batches().every(({ request }) => !request.body?.includes('consistent'))).toBe(true)
  })

  it('sees a change within the TTL', async () => {
    const { near, time, find } = await startWithoutFeed()
    near.write('app-0', appOf('app-0', { enabled: false }))
    await time.run(30 * SECOND)
    expect(await find('app-0')).toMatchObject({ enabled: false })
  })

  it('an app without lookups is not revalidated after a quarter of an hour', async () => {
    const { time, batches } = await startWithoutFeed()
    await time.run(15 * MINUTE)
    const before = batches().length
    await time.run(60 * MINUTE)
    expect(batches().length - before).toBeLessThanOrEqual(1)
  })

  it('apps that have open sockets are revalidated every minute, ± 10 %', async () => {
    const { time, batches, use } = await startWithoutFeed({ apps: 10 })
    await time.run(16 * MINUTE)
    use(['app-0'])
    await time.run(MINUTE)
    const before = batches().length
    await time.run(30 * MINUTE)
    expect(batches().length - before).toBeGreaterThanOrEqual(26)
    expect(batches().length - before).toBeLessThanOrEqual(34)
  })

  it('open sockets get every change, and nothing else', async () => {
    const { near, time, use, told } = await startWithoutFeed()
    use(['app-0', 'app-1'])
    near.write('app-0', appOf('app-0'))
    await time.run(70 * SECOND)
    expect(told.map(({ id }) => id)).toEqual(['app-0'])
  })

  it('open sockets follow a change within 70 s and a deletion within 90 s on a node with 6,000 apps', async () => {
    const { near, lookup, time, use, told } = await startWithoutFeed({ apps: 6_000 })
    use(idsOf(6_000))
    await time.run(3 * MINUTE)
    const found = idsOf(6_000).map((id) => lookup.findById(id))
    await time.run(MINUTE)
    await Promise.all(found)
    for (let i = 0; i < 60; i += 1) {
      near.write(`app-${100 * i}`, appOf(`app-${100 * i}`))
      near.write(`app-${100 * i + 1}`, undefined)
    }
    await time.run(70 * SECOND)
    expect(told.filter(({ app }) => app)).toHaveLength(60)
    await time.run(20 * SECOND)
    expect(told.filter(({ app }) => app === undefined)).toHaveLength(60)
  })

  it('a read of DynamoDB from before the cached one replaces nothing', async () => {
    const { near, lookup, time, batches, use, told } = await startWithoutFeed({ apps: 1 })
    use(['app-0'])
    const known = lookup.peek('app-0')
    const result = { status: 200, app: appOf('app-0'), etag: '"other"', age: 600 }
    near.replies.batch = () => json(200, { results: [result] })
    await time.run(2 * MINUTE)
    expect(batches().length).toBeGreaterThan(1)
    expect(lookup.peek('app-0')).toEqual(known)
    expect(told).toEqual([])
  })

  it('an app with open sockets that is not in the cache is read', async () => {
    const { time, users, told, near } = await startWithoutFeed()
    near.write('other', appOf('other'))
    users.add('other')
    await time.run(11 * SECOND)
    expect(told).toMatchObject([{ id: 'other', app: { id: 'other' } }])
  })
})

describe('an app that is not found', () => {
  it('closes its open sockets after two responses half a TTL apart', async () => {
    const { near, lookup, time, use, told } = await startWithoutFeed({ apps: 6 })
    use(idsOf(6))
    near.write('app-0', undefined)
    await time.run(90 * SECOND)
    expect(told).toEqual([{ id: 'app-0', app: undefined, at: expect.any(Number) }])
    expect(lookup.peek('app-0')).toBeUndefined()
  })

  it('closes no sockets when it is found again before the second response', async () => {
    const { near, time, use, told, find } = await startWithoutFeed({ apps: 6 })
    use(idsOf(6))
    await time.run(20 * SECOND)
    near.write('app-0', undefined)
    await time.run(5 * SECOND)
    near.write('app-0', appOf('app-0'))
    await time.run(90 * SECOND)
    expect(told.filter(({ app }) => app === undefined)).toEqual([])
    expect(await find('app-0')).toBeDefined()
  })

  it('closes no sockets for 5 minutes when many apps are not found at once', async () => {
    const { near, time, use, told } = await startWithoutFeed({ apps: 10 })
    use(idsOf(10))
    for (const id of idsOf(10)) near.write(id, undefined)
    await time.run(5 * MINUTE)
    expect(told).toEqual([])
    await time.run(2 * MINUTE)
    expect(told).toHaveLength(10)
  })

  it('closes no sockets because a failover region returns 404', async () => {
    const { near, regions, time, use, told, find } = await startWithoutFeed({ regions: 2, apps: 6 })
    use(idsOf(6))
    for (const id of idsOf(6)) regions[1]?.write(id, undefined)
    near.gateway.isDown = true
    await time.run(20 * MINUTE)
    expect(regions[1]?.count('batch')).toBeGreaterThan(10)
    expect(told).toEqual([])
    expect(await find('app-0')).toBeDefined()
  })
})

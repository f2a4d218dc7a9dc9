import { describe, expect, it } from 'vitest'
import { appOf, startWorld } from './virtual/node.ts'
import { VirtualTime } from './virtual/virtual-time.ts'

const SECOND = 1_000
const MINUTE = 60_000

describe('a node that follows', () => {
  it('asks for an app once, and revalidates it before 15 minutes are over', async () => {
    const time = new VirtualTime()
    const { lookup, near } = startWorld(time)
    await time.pass(SECOND)
    expect(lookup.stats().revalidation.feed).toBe('following')
    const found = lookup.findByKey('key-of-app-0')
    await time.pass(SECOND)
    expect((await found)?.id).toBe('app-0')
    await time.pass(10 * MINUTE)
    expect(near.count('lookup')).toBe(1)
    expect(near.count('batch')).toBe(1)
    expect(lookup.stats().revalidation.followedApps).toBe(1)
    await time.pass(5 * MINUTE)
    expect(near.count('batch')).toBe(2)
  })

  it('knows a change within seconds', async () => {
    const time = new VirtualTime()
    const { lookup, near, users, told } = startWorld(time)
    users.add('app-0')
    await time.pass(MINUTE)
    expect(told).toHaveLength(1)
    near.write('app-0', appOf('app-0', { enabled: false }))
    const changedAt = time.now
    await time.pass(10 * SECOND)
    expect(told[1]).toMatchObject({ id: 'app-0', app: { enabled: false } })
    expect((told[1]?.at ?? 0) - changedAt).toBeLessThan(8 * SECOND)
    expect(lookup.peek('app-0')?.enabled).toBe(false)
  })
})

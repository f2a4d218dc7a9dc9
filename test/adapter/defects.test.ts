import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../support/virtual-time.ts'
import { appWith } from './endpoint-double.ts'
import { startWorld } from './world/node.ts'

/** A node whose transport rejects for some kinds of requests, which it must never do. */
async function startBroken(kinds: string[]) {
  let isBroken = false
  const world = await startWorld({ unknownLookupsPerSecond: 1_000 })
  const { time } = world
  for (const kind of ['lookup', 'batch', 'poll', 'probe'] as const)
    world.near.replies[kind] = () => {
      if (isBroken && kinds.includes(kind)) throw new TypeError('with a made-up-secret in it')
      return undefined
    }
  const find = async (id: string) => {
    const found = world.lookup.findById(id).catch((error: { code: string }) => error.code)
    await time.run(2 * SECOND)
    return found
  }
  await time.run(SECOND)
  await find('app-0')
  return {
    ...world,
    find,
    breakIt: () => {
      isBroken = true
    },
    mendIt: () => {
      isBroken = false
    },
  }
}

describe('a defect', () => {
  it('in a lookup is logged with its name and stack once a minute, and the stale app is served', async () => {
    const { time, find, breakIt, lines } = await startBroken(['lookup', 'batch'])
    await time.run(MINUTE)
    breakIt()
    lines.length = 0
    expect(await find('app-1')).toBe('internal')
    expect(await find('app-2')).toBe('internal')
    const ofLookups = lines.filter((line) => line.includes('a lookup failed'))
    expect(ofLookups).toEqual([
      expect.stringMatching(/^error a lookup failed, by a defect: TypeError at .+:\d+:\d+/),
    ])
    expect(lines.join()).not.toContain('secret')
    await time.run(20 * MINUTE)
    expect(await find('app-0')).toMatchObject({ id: 'app-0' })
  })

  it('in a batch does not end the revalidation', async () => {
    const { near, time, users, lookup, breakIt, mendIt, lines } = await startBroken(['batch'])
    for (const id of ['app-0', 'app-1', 'app-2']) users.add(id)
    await time.run(20 * SECOND)
    breakIt()
    near.write('app-1', { ...appWith({ id: 'app-1', key: 'k' }), maxConnections: 7 })
    await time.run(30 * SECOND)
    expect(lines.some((line) => line.includes('apps could not be revalidated, by a defect'))).toBe(true)
    mendIt()
    await time.run(10 * SECOND)
    expect(lookup.peek('app-1')?.maxConnections).toBe(7)
  })

  it('in a poll does not end the following', async () => {
    const { near, time, lookup, breakIt, mendIt, lines } = await startBroken(['poll'])
    breakIt()
    const since = time.now
    await time.run(MINUTE)
    expect(near.count('poll', since)).toBeLessThanOrEqual(14)
    expect(lines.some((line) => line.includes('changes could not be followed, by a defect'))).toBe(true)
    expect(lookup.stats().revalidation.feed).not.toBe('following')
    mendIt()
    await time.run(MINUTE)
    expect(lookup.stats().revalidation.feed).toBe('following')
  })

  it('in a listener for changes affects nothing else', async () => {
    const { time, lookup, lines } = await startWorld()
    const told: string[] = []
    lookup.onChange((id) => {
      told.push(id)
      if (id === 'app-1') throw new RangeError('with a made-up-secret in it')
    })
    for (const id of ['app-0', 'app-1', 'app-2']) lookup.setLive(id, true)
    await time.run(20 * SECOND)
    expect(told.sort()).toEqual(['app-0', 'app-1', 'app-2'])
    expect(lookup.stats().revalidation).toMatchObject({ followedApps: 3 })
    expect(lines.filter((line) => line.includes('could not be reported'))).toHaveLength(1)
    expect(lines.join()).not.toContain('secret')
  })
})

import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../support/virtual-time.ts'
import { outcomeOf } from './lookup-on.ts'
import { appOf, startFollowingNode } from './world/node.ts'
import { json } from './world/region.ts'

describe('a negative answer', () => {
  const miss = async (world: Awaited<ReturnType<typeof startFollowingNode>>, key: string) => {
    const found = world.lookup.findByKey(key)
    await world.time.run(SECOND)
    return found
  }

  it('is followed from one minute after the first poll, and then not looked up again', async () => {
    const world = await startFollowingNode()
    await miss(world, 'none')
    await world.time.run(6 * SECOND)
    const early = world.near.count('lookup')
    await miss(world, 'none')
    expect(world.near.count('lookup')).toBe(early + 1)
    await world.time.run(MINUTE)
    await miss(world, 'none')
    const since = world.time.now
    for (let i = 0; i < 20; i += 1) {
      await world.time.run(10 * SECOND)
      expect(await miss(world, 'none')).toBeUndefined()
    }
    expect(world.near.count('lookup', since)).toBe(0)
  })

  it.each([
    ['a hint of its key, by its hash', false],
    ['any hint of a stream without keys', true],
  ])('by key ends with %s', async (_, isKeysOnly) => {
    const world = await startFollowingNode({ isKeysOnly })
    await world.time.run(MINUTE)
    await miss(world, 'new-key')
    await world.time.run(MINUTE)
    world.near.write('new', appOf('new', { key: 'new-key' }))
    await world.time.run(8 * SECOND)
    expect(await miss(world, 'new-key')).toMatchObject({ id: 'new' })
  })

  it('by id ends with a hint of that id', async () => {
    const world = await startFollowingNode()
    await world.time.run(MINUTE)
    expect(await world.find('new')).toBeUndefined()
    await world.time.run(MINUTE)
    world.near.write('new', appOf('new'))
    await world.time.run(8 * SECOND)
    expect(await world.find('new')).toBeDefined()
  })

  it('is not followed for a minute after a hint: the index may be behind', async () => {
    const world = await startFollowingNode()
    await world.time.run(2 * MINUTE)
    world.near.write('new', appOf('new', { key: 'new-key' }))
    await world.time.run(8 * SECOND)
    // The response of an index that does not have the app yet.
    world.near.replies.lookup = () => json(404, { code: 'app-not-found', app: null }, { age: '0' })
    expect(await miss(world, 'new-key')).toBeUndefined()
    delete world.near.replies.lookup
    await world.time.run(6 * SECOND)
    expect(await miss(world, 'new-key')).toMatchObject({ id: 'new' })
  })

  it('ends after 15 minutes, even if a shard is blocked', async () => {
    const world = await startFollowingNode()
    await world.time.run(MINUTE)
    await miss(world, 'new-key')
    world.near.blockShardOf('new')
    world.near.write('new', appOf('new', { key: 'new-key' }))
    await world.time.run(16 * MINUTE)
    expect(await miss(world, 'new-key')).toMatchObject({ id: 'new' })
  })
})

describe('a key that is not found', () => {
  it('is looked up again within 4 s, including the read of the app that had it', async () => {
    const { near, time, lookup } = await startFollowingNode({ feedPollIntervalMs: 0 })
    await time.run(20 * MINUTE)
    near.write('app-0', appOf('app-0', { key: 'another-key' }))
    // Each lookup fails after 2.9 s, and is answered 0.9 s later when it is sent again.
    let requests = 0
    near.latencyOf = ({ kind }) => (kind === 'lookup' && requests % 2 === 0 ? 2_900 : 900)
    near.replies.lookup = () => {
      requests += 1
      return requests % 2 === 1 ? json(500, { code: 'internal' }) : undefined
    }
    let isDone = false
    void outcomeOf(lookup.findByKey('key-of-app-0')).then(() => {
      isDone = true
    })
    await time.run(3.9 * SECOND)
    expect(isDone).toBe(false)
    await time.run(0.2 * SECOND)
    expect(isDone).toBe(true)
  })

  it('is found if the app was read by its id in the meantime: the index may be behind', async () => {
    const { near, time, lookup } = await startFollowingNode()
    near.lags.indexLagMs = MINUTE
    near.latencyOf = ({ path }) => (path.includes('by-key') ? 100 : 20)
    near.write('new', appOf('new'))
    const found = Promise.all([lookup.findByKey('key-of-new'), lookup.findById('new')])
    await time.run(SECOND)
    expect(await found).toMatchObject([{ id: 'new' }, { id: 'new' }])
  })
})

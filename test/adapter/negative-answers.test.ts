import { describe, expect, it } from 'vitest'
import { startFollowing } from './scripted/following.ts'
import { appOf } from './scripted/node.ts'
import { json } from './scripted/region.ts'
import { Stream } from './scripted/stream.ts'
import { MINUTE, SECOND } from './virtual-time.ts'

describe('a negative answer', () => {
  const miss = async (world: Awaited<ReturnType<typeof startFollowing>>, key: string) => {
    const found = world.lookup.findByKey(key)
    await world.time.run(SECOND)
    return found
  }

  it('is followed from a minute after the first poll on, and asked for no more', async () => {
    const world = await startFollowing()
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
  ])('by key ends with %s', async (_, keysOnly) => {
    const world = await startFollowing()
    world.near.stream.faults.keysOnly = keysOnly
    await world.time.run(MINUTE)
    await miss(world, 'new-key')
    await world.time.run(MINUTE)
    world.near.write('new', appOf('new', { key: 'new-key' }))
    await world.time.run(8 * SECOND)
    expect(await miss(world, 'new-key')).toMatchObject({ id: 'new' })
  })

  it('by id ends with a hint of that id', async () => {
    const world = await startFollowing()
    await world.time.run(MINUTE)
    expect(await world.find('new')).toBeUndefined()
    await world.time.run(MINUTE)
    world.near.write('new', appOf('new'))
    await world.time.run(8 * SECOND)
    expect(await world.find('new')).toBeDefined()
  })

  it('is not followed for a minute after a hint: the index may be behind', async () => {
    const world = await startFollowing()
    world.near.faults.indexLagMs = 0
    await world.time.run(2 * MINUTE)
    world.near.write('new', appOf('new', { key: 'new-key' }))
    await world.time.run(8 * SECOND)
    // The response of an index that does not have the app yet.
    world.near.faults.answers.lookup = () => json(404, { code: 'app-not-found', app: null }, { age: '0' })
    expect(await miss(world, 'new-key')).toBeUndefined()
    delete world.near.faults.answers.lookup
    await world.time.run(6 * SECOND)
    expect(await miss(world, 'new-key')).toMatchObject({ id: 'new' })
  })

  it('ends after 15 minutes though a shard is blocked', async () => {
    const world = await startFollowing()
    await world.time.run(MINUTE)
    await miss(world, 'new-key')
    world.near.stream.faults.blocked.add(Stream.shardOf('new'))
    world.near.write('new', appOf('new', { key: 'new-key' }))
    await world.time.run(16 * MINUTE)
    expect(await miss(world, 'new-key')).toMatchObject({ id: 'new' })
  })
})

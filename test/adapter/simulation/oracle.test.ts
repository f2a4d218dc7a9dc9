import { describe, expect, it } from 'vitest'
import { createRandom } from '../../support/random.ts'
import { MINUTE, SECOND, VirtualTime, withVirtualGlobals } from '../../support/virtual-time.ts'
import { RecordStream } from '../world/record-stream.ts'
import { guardedIds, whyTooOld } from './oracle.ts'
import { CALM, SimulatedWorld } from './simulated-world.ts'

const NONE = { isStaleIfError: false, isUnconfirmed: false }

/** A world without nodes; `first` is the first version of app-1. */
function inWorld<T>(
  act: (world: SimulatedWorld, first: ReturnType<SimulatedWorld['appOf']>) => Promise<T>,
): Promise<T> {
  const time = new VirtualTime()
  const random = createRandom('oracle')
  return withVirtualGlobals(time, random.fork('globals').next, async () => {
    const world = new SimulatedWorld(time, random, { ...CALM, shards: 3 })
    const first = world.appOf('app-1', 'key-of-app-1')
    world.write('app-1', first)
    await time.run(3 * MINUTE)
    return act(world, first)
  })
}

const change = (world: SimulatedWorld) => world.write('app-1', world.appOf('app-1', 'key-of-app-1'))

describe('a response with an app that was later changed and deleted', () => {
  it.each([
    ['is excused while the deletion cannot be confirmed', true, undefined],
    ['is not excused while the app is there', false, '171 s after the feed told of it'],
  ])('%s', (_, isDeleted, why) =>
    inWorld(async (world, app) => {
      change(world)
      await world.time.run(160 * SECOND)
      if (isDeleted) world.write('app-1', undefined)
      await world.time.run(11 * SECOND)
      const excuses = { ...NONE, isUnconfirmed: true }
      expect(whyTooOld(world.stacks, { by: 'id', name: 'app-1', app }, world.time.now, excuses)).toBe(why)
    }),
  )

  it.each([
    [
      'is excused for as long as a deletion takes to be confirmed when the app is there again',
      120,
      undefined,
    ],
    ['is too old some time after the app is there again', 160, '160 s after the feed told of it'],
  ])('%s', (_, seconds, why) =>
    inWorld(async (world, app) => {
      change(world)
      await world.time.run(2 * SECOND)
      const { at = 0 } = world.nearest.stack.toldOf(
        world.nearest.stack.replica.changesOf('app-1')[1] ?? expect.fail(),
      )
      world.write('app-1', undefined)
      await world.time.run(3 * SECOND)
      change(world)
      await world.time.runUntil(at + seconds * SECOND)
      expect(whyTooOld(world.stacks, { by: 'id', name: 'app-1', app }, world.time.now, NONE)).toBe(why)
    }),
  )

  it('is too old soon after the deletion while all is well', () =>
    inWorld(async (world, app) => {
      change(world)
      world.write('app-1', undefined)
      await world.time.run(3 * MINUTE)
      expect(whyTooOld(world.stacks, { by: 'id', name: 'app-1', app }, world.time.now, NONE)).toMatch(/told/)
    }))
})

describe('a change that was lost with its stream', () => {
  it.each([
    ['was denied by a heartbeat that passed its blocked shard', false, undefined],
    ['was not denied while no heartbeat came through', true, '330 s old'],
  ])('%s', (_, isDead, why) =>
    inWorld(async (world, app) => {
      const { stack } = world.nearest
      const blocked = stack.stream.shardOf('app-1')
      expect(blocked).not.toBe(stack.stream.shardOf(stack.heartbeatId))
      for (let shard = 0; shard < world.options.shards; shard += 1)
        if (isDead || shard === blocked) stack.stream.hold(shard, world.time.now + 5 * MINUTE)
      change(world)
      await world.time.run(4 * MINUTE)
      stack.replaceStream()
      await world.time.run(90 * SECOND)
      expect(stack.toldOf(stack.replica.changesOf('app-1')[1] ?? expect.fail()).at).toBeDefined()
      expect(whyTooOld(world.stacks, { by: 'id', name: 'app-1', app }, world.time.now, NONE)).toBe(why)
    }),
  )
})

it('the oracle expects no hint of changes in a stream that was replaced before it delivered them', async () => {
  const time = new VirtualTime()
  const options = { ...CALM, shards: 1 }
  const batches: number[] = []
  const stream = new RecordStream(time, createRandom('stream'), options, async (records) => {
    batches.push(records.length)
  })
  stream.record({ id: 'app-1', before: undefined, after: undefined, at: 0 })
  expect(stream.replace()).toHaveLength(1)
  await time.run(MINUTE)
  expect(batches).toEqual([])
})

describe('the apps that a node is allowed to keep', () => {
  it.each([
    ['are those that are gone, of a mass deletion', 5, 6, true],
    ['are none of fewer deletions', 4, 5, false],
    ['are those of fewer deletions, if it knows no other app', 4, 4, true],
  ])('%s', (_, count, knownApps, isGuarded) =>
    inWorld(async (world) => {
      const ids = Array.from({ length: count }, (_, i) => `gone-${i}`)
      for (const id of ids) world.write(id, world.appOf(id, id))
      await world.time.run(MINUTE)
      for (const id of ids) world.write(id, undefined)
      await world.time.run(MINUTE)
      const guarded = guardedIds(world.nearest.stack, world.time.now, { isKnown: () => true, knownApps })
      expect(guarded).toEqual(isGuarded ? ids : [])
    }),
  )
})

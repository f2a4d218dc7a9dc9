import { describe, expect, it } from 'vitest'
import type { Reading } from '../../adapter/lookup/cache/record.ts'
import { appOf, startWorld, type WorldOptions } from './world/node.ts'

/** A node whose snapshots are kept in a list. */
async function startWithSnapshots(options: WorldOptions = {}) {
  const saved: (readonly Reading[])[] = []
  const snapshot = {
    load: () => [],
    save: async (_: string, readings: readonly Reading[]) => {
      saved.push(readings)
      await disk.isFree
    },
  }
  const disk = { isFree: Promise.resolve() }
  const world = await startWorld({
    snapshotFile: 'none',
    ports: { createSnapshot: () => snapshot },
    ...options,
  })
  const { time } = world
  const find = async (id: string) => {
    const found = world.lookup.findById(id)
    await time.run(1_000)
    return found
  }
  return { ...world, saved, find, disk }
}

describe('the snapshot', () => {
  it('is written only when something has changed', async () => {
    const { time, saved, find } = await startWithSnapshots({ feedPollIntervalMs: 0, appTtlMs: 1_000_000 })
    await find('app-0')
    await time.run(30_000)
    expect(saved).toHaveLength(1)
    await find('app-0')
    await time.run(60_000)
    expect(saved).toHaveLength(1)
    await find('app-1')
    await time.run(30_000)
    expect(saved.map((readings) => readings.length)).toEqual([1, 2])
  })

  it('that waits for a disk holds no apps meanwhile, and is of the moment at which it is written', async () => {
    const { time, saved, find, disk } = await startWithSnapshots()
    let free = () => {}
    disk.isFree = new Promise((resolve) => {
      free = resolve
    })
    await find('app-0')
    await time.run(30_000)
    await find('app-1')
    await time.run(30_000)
    await find('app-2')
    expect(saved.map((readings) => readings.length)).toEqual([1])
    free()
    await time.run(1)
    expect(saved.map((readings) => readings.length)).toEqual([1, 3])
  })

  it('is updated with the time until which followed apps are confirmed', async () => {
    const { time, clock, saved, find } = await startWithSnapshots({ followedMaxMs: 3_600_000 })
    await find('app-0')
    await time.run(1_500_000)
    expect(saved.length).toBeLessThanOrEqual(6)
    const ageMs = clock() - (saved.at(-1)?.[0]?.readAt ?? 0)
    expect(ageMs).toBeLessThanOrEqual(300_000 + 30_000)
  })

  it('has the last time at which an app was confirmed', async () => {
    const { near, lookup, time, clock, saved, find } = await startWithSnapshots({ followedMaxMs: 3_600_000 })
    await find('app-0')
    await time.run(2_700_000)
    near.gateway.isDown = true
    await time.run(3_000_000)
    expect(await find('app-0')).toMatchObject({ id: 'app-0' })
    await lookup.close()
    const ageMs = clock() - (saved.at(-1)?.[0]?.readAt ?? 0)
    expect(ageMs).toBeGreaterThan(2_900_000)
    expect(ageMs).toBeLessThan(3_100_000)
  })

  it('has no time at which an app may have changed already', async () => {
    const { near, lookup, time, clock, saved, find } = await startWithSnapshots()
    await find('app-0')
    await time.run(60_000)
    near.replies.batch = () => ({ fault: 'ECONNRESET' })
    near.replies.lookup = () => ({ fault: 'ECONNRESET' })
    near.write('app-0', appOf('app-0'))
    await time.run(60_000)
    await lookup.close()
    expect(clock() - (saved.at(-1)?.[0]?.readAt ?? 0)).toBeGreaterThan(50_000)
  })
})

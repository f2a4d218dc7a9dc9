import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { appWith } from './endpoint-double.ts'
import { createFolder } from './folder.ts'
import { lookupOn, outcomeOf, startDouble } from './lookup-on.ts'

/** An endpoint with an enabled and a disabled app, and the snapshot of an earlier run that looked up both. */
async function startWithSnapshot() {
  const double = await startDouble()
  double.apps.set('app-1', appWith())
  double.apps.set('off', appWith({ id: 'off', key: 'key-off', enabled: false }))
  const snapshotFile = join(await createFolder(), 'snapshot')
  const { lookup } = lookupOn([double], { snapshotFile })
  await lookup.findByKey('key-1')
  await lookup.findByKey('key-off')
  await lookup.close()
  return { double, snapshotFile }
}

describe('a restart during an outage', () => {
  it('still serves the enabled apps from the snapshot', async () => {
    const { double, snapshotFile } = await startWithSnapshot()
    await double.refuse()
    const { lookup } = lookupOn([double], { snapshotFile })
    expect(await lookup.findByKey('key-1')).toEqual(appWith())
    expect(await lookup.findById('app-1')).toEqual(appWith())
    expect(await outcomeOf(lookup.findByKey('key-off'))).toBe('endpoint-unavailable')
    expect(lookup.stats().lookups).toMatchObject({ stale: 2, fresh: 0 })
  })

  it('without an outage serves nothing of the snapshot', async () => {
    const { double, snapshotFile } = await startWithSnapshot()
    double.apps.set('app-1', appWith({ enabled: false }))
    const { lookup } = lookupOn([double], { snapshotFile })
    expect(await lookup.findByKey('key-1')).toMatchObject({ enabled: false })
  })

  it('after more than an hour serves nothing of the snapshot', async () => {
    const { double, snapshotFile } = await startWithSnapshot()
    await double.refuse()
    const { lookup } = lookupOn([double], { snapshotFile, clock: () => Date.now() + 3_601_000 })
    expect(await outcomeOf(lookup.findByKey('key-1'))).toBe('endpoint-unavailable')
  })

  it('finds a snapshot even if the previous process was killed', async () => {
    const double = await startDouble()
    double.apps.set('app-1', appWith())
    const snapshotFile = join(await createFolder(), 'snapshot')
    const before = lookupOn([double], { snapshotFile, snapshotIntervalMs: 20 })
    await before.lookup.findByKey('key-1')
    await double.refuse()
    const afterRestart = () => outcomeOf(lookupOn([double], { snapshotFile }).lookup.findById('app-1'))
    await expect.poll(afterRestart).toEqual(appWith())
  })
})

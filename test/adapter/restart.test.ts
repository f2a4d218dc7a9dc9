import { rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { appWith } from './endpoint-double.ts'
import { createFolder } from './folder.ts'
import { IMPATIENT, lookupOn, outcomeOf, startDouble } from './lookup-on.ts'

const replace = async (file: string, content: string) => {
  await writeFile(`${file}.new`, content)
  await rename(`${file}.new`, file)
}

describe('a restart during an outage', () => {
  it('still serves the enabled apps of before, from the snapshot', async () => {
    const double = await startDouble()
    double.apps.set('app-1', appWith())
    double.apps.set('off', appWith({ id: 'off', key: 'key-off', enabled: false }))
    const snapshotFile = join(await createFolder(), 'snapshot')
    const before = lookupOn([double], { snapshotFile })
    await before.lookup.findByKey('key-1')
    await before.lookup.findByKey('key-off')
    await before.lookup.close()
    await double.refuse()

    const { lookup } = lookupOn([double], { snapshotFile })
    expect(await lookup.findByKey('key-1')).toEqual(appWith())
    expect(await lookup.findById('app-1')).toEqual(appWith())
    expect(await outcomeOf(lookup.findByKey('key-off'))).toBe('endpoint-unavailable')
    expect(lookup.stats().lookups).toMatchObject({ stale: 2, fresh: 0 })
  })

  it('without an outage serves nothing of the snapshot', async () => {
    const double = await startDouble()
    double.apps.set('app-1', appWith())
    const snapshotFile = join(await createFolder(), 'snapshot')
    const before = lookupOn([double], { snapshotFile })
    await before.lookup.findByKey('key-1')
    await before.lookup.close()
    double.apps.set('app-1', appWith({ enabled: false }))
    const { lookup } = lookupOn([double], { snapshotFile })
    expect(await lookup.findByKey('key-1')).toMatchObject({ enabled: false })
  })

  it('after more than an hour serves nothing of the snapshot', async () => {
    const double = await startDouble()
    double.apps.set('app-1', appWith())
    const snapshotFile = join(await createFolder(), 'snapshot')
    const before = lookupOn([double], { snapshotFile })
    await before.lookup.findByKey('key-1')
    await before.lookup.close()
    await double.refuse()
    const { lookup } = lookupOn([double], { snapshotFile, clock: () => Date.now() + 3_601_000 })
    expect(await outcomeOf(lookup.findByKey('key-1'))).toBe('endpoint-unavailable')
  })

  it('finds a snapshot though the process before had no time to close', async () => {
    const double = await startDouble()
    double.apps.set('app-1', appWith())
    const snapshotFile = join(await createFolder(), 'snapshot')
    const before = lookupOn([double], { snapshotFile, snapshotIntervalMs: 20 })
    await before.lookup.findByKey('key-1')
    await double.refuse()
    const afterRestart = () => outcomeOf(lookupOn([double], { snapshotFile }).lookup.findById('app-1'))
    await expect.poll(afterRestart, { timeout: 5_000 }).toEqual(appWith())
  })
})

describe('a new token in the token file', () => {
  it('is used without a failed lookup, while the old one is refused', async () => {
    const double = await startDouble()
    for (let i = 0; i < 30; i += 1) double.apps.set(`a-${i}`, appWith({ id: `a-${i}`, key: `k-${i}` }))
    double.tokens = new Set(['first'])
    const tokenFile = join(await createFolder(), 'token')
    await writeFile(tokenFile, 'first\n')
    const { lookup, lines } = lookupOn([double], { tokenFile })
    await Promise.all(Array.from({ length: 10 }, (_, i) => lookup.findByKey(`k-${i}`)))

    await replace(tokenFile, 'second\n')
    double.tokens = new Set(['second'])
    const found = await Promise.all(Array.from({ length: 20 }, (_, i) => lookup.findByKey(`k-${i + 10}`)))
    expect(found.filter(Boolean)).toHaveLength(20)
    expect(lookup.stats().regions[0]).toMatchObject({ state: 'answering' })
    expect(lines).toEqual([])
  })

  it('ends an outage that a refused token made', async () => {
    const double = await startDouble()
    double.apps.set('app-1', appWith())
    double.tokens = new Set(['second'])
    const tokenFile = join(await createFolder(), 'token')
    await writeFile(tokenFile, 'first')
    const { lookup, lines, pass } = lookupOn([double], { tokenFile })
    expect((await lookup.check()).status).toBe('denied')
    await replace(tokenFile, 'second')
    pass(1_000)
    const isBack = async () => (await lookup.check()).status
    await expect.poll(isBack).toBe('ready')
    expect(await lookup.findByKey('key-1')).toEqual(appWith())
    expect(lines.join()).not.toMatch(/first|second/)
  })

  it('is what the snapshot is written under from then on', async () => {
    const double = await startDouble()
    double.apps.set('app-1', appWith())
    const folder = await createFolder()
    const [tokenFile, snapshotFile] = [join(folder, 'token'), join(folder, 'snapshot')]
    await writeFile(tokenFile, 'first')
    const { lookup, pass } = lookupOn([double], { tokenFile, snapshotFile })
    await lookup.findByKey('key-1')
    await replace(tokenFile, 'second')
    pass(1_000)
    await lookup.findByKey('none')
    await expect
      .poll(() =>
        stat(snapshotFile)
          .then(({ size }) => size)
          .catch(() => 0),
      )
      .toBeGreaterThan(0)
    await double.refuse()
    const after = lookupOn([double], { token: 'second', snapshotFile })
    expect(await after.lookup.findByKey('key-1')).toEqual(appWith())
  })
})

describe('the start-up check', () => {
  it('passes when a region says that there is no such app', async () => {
    const [near, far] = [await startDouble(), await startDouble()]
    far.mode = 'wrong-token'
    const { lookup } = lookupOn([near, far])
    expect(await lookup.check()).toEqual({
      status: 'ready',
      summary: `apps are looked up over HTTP: ${near.url} answers, ${far.url} rejects the token; changes are not followed (the change feed is turned off) and are seen within 30 s`,
      regions: [
        { origin: near.url, state: 'answering' },
        { origin: far.url, state: 'denied' },
      ],
    })
  })

  it('passes when even that app exists', async () => {
    const double = await startDouble()
    const id = '~soketi-http-app-manager~probe~'
    double.apps.set(id, appWith({ id }))
    expect((await lookupOn([double]).lookup.check()).status).toBe('ready')
  })

  it('says when the token is refused everywhere', async () => {
    const doubles = [await startDouble(), await startDouble()]
    for (const double of doubles) double.mode = 'no-token'
    expect((await lookupOn(doubles).lookup.check()).status).toBe('denied')
  })

  it.each(['unavailable', 'gateway-404', 'bad-request', 'redirect', 'hanging'] as const)(
    'warns when the endpoint is %s',
    async (mode) => {
      const [near, far] = [await startDouble(), await startDouble()]
      near.mode = mode
      far.mode = 'wrong-token'
      const { lookup } = lookupOn([near, far], IMPATIENT)
      expect(await lookup.check()).toMatchObject({ status: 'unavailable' })
    },
  )
})

import { rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { appWith } from './endpoint-double.ts'
import { createFolder } from './folder.ts'
import { lookupOn, startDouble } from './lookup-on.ts'

const replace = async (file: string, content: string) => {
  await writeFile(`${file}.new`, content)
  await rename(`${file}.new`, file)
}

describe('a new token in the token file', () => {
  it('is used without a failed lookup when the old one is rejected', async () => {
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

  it('ends an outage that a rejected token caused', async () => {
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

  it('is used for the snapshot from then on', async () => {
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

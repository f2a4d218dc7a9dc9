import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { createSnapshot } from '../../adapter/lookup/cache/snapshot.ts'
import { appWith } from './endpoint-double.ts'
import { createFolder } from './folder.ts'

const TOKEN = 'made-up-token'
const readings = [
  { app: appWith(), etag: '"1"', readAt: 1_000 },
  { app: appWith({ id: 'app-2', webhooks: [{ event_types: ['member_added'] }] }), readAt: 2_000 },
]
const lines: string[] = []
let folder: string
let file: string
const snapshot = () => createSnapshot(file, (level, message) => lines.push(`${level} ${message}`))
beforeEach(async () => {
  folder = await createFolder()
  file = join(folder, 'snapshot')
  lines.length = 0
})

describe('a snapshot', () => {
  it('returns the saved apps with the same token', async () => {
    await snapshot().save(TOKEN, readings)
    expect(snapshot().load(TOKEN, 10_000)).toEqual(readings)
    expect(lines).toEqual([])
  })

  it('can be read only by its owner, also when it replaces another file, and leaves no temporary file', async () => {
    await writeFile(file, 'before')
    await chmod(file, 0o666)
    await snapshot().save(TOKEN, readings)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['snapshot'])
  })

  it('contains no readable data of the apps', async () => {
    await snapshot().save(TOKEN, readings)
    const bytes = await readFile(file, 'latin1')
    for (const word of ['app-1', 'key-1', 'made-up', 'secret']) expect(bytes).not.toContain(word)
  })

  it('is different each time', async () => {
    await snapshot().save(TOKEN, readings)
    const first = await readFile(file)
    await snapshot().save(TOKEN, readings)
    expect((await readFile(file)).equals(first)).toBe(false)
  })

  it('has no disabled app', async () => {
    await snapshot().save(TOKEN, [{ app: appWith({ enabled: false }), readAt: 1 }])
    expect(snapshot().load(TOKEN, 10_000)).toEqual([])
  })

  it('has no time in the future, even if the clock was set back', async () => {
    await snapshot().save(TOKEN, readings)
    expect(
      snapshot()
        .load(TOKEN, 500)
        .map(({ readAt }) => readAt),
    ).toEqual([500, 500])
  })

  it('that does not exist causes no warning', () => {
    expect(snapshot().load(TOKEN, 0)).toEqual([])
    expect(lines).toEqual([])
  })

  it('of another token is ignored with a warning', async () => {
    await snapshot().save('another-token', readings)
    expect(snapshot().load(TOKEN, 0)).toEqual([])
    expect(lines).toEqual(['warn the snapshot file is damaged or from another token and is ignored'])
  })

  it('that is damaged anywhere is ignored', async () => {
    await snapshot().save(TOKEN, readings)
    const whole = await readFile(file)
    const damage = fc.oneof(
      fc.record({ at: fc.nat(whole.length - 1), bit: fc.nat(7) }).map(({ at, bit }) => {
        const bytes = Buffer.from(whole)
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at)
        return bytes
      }),
      fc.nat(whole.length - 1).map((length) => whole.subarray(0, length)),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    )
    await fc.assert(
      fc.asyncProperty(damage, async (bytes) => {
        await writeFile(file, bytes)
        return snapshot().load(TOKEN, 0).length === 0
      }),
    )
  })

  it("that can't be written stops the start, without leaving a file", async () => {
    const message =
      'snapshotFile cannot be written; give the path of a file in a folder that this user may write to.'
    for (const path of [folder, join(folder, 'none', 'file'), join(folder, 'file', 'below')]) {
      await writeFile(join(folder, 'file'), '')
      file = path
      expect(snapshot).toThrow(message)
    }
    expect(await readdir(folder)).toEqual(['file'])
  })

  it('that can no longer be read or written causes a warning', async () => {
    const before = snapshot()
    await mkdir(file)
    expect(before.load(TOKEN, 0)).toEqual([])
    await rm(folder, { recursive: true })
    await before.save(TOKEN, readings)
    expect(lines).toEqual([
      'warn the snapshot file cannot be read and is ignored',
      'warn the snapshot file cannot be written (ENOENT)',
    ])
  })
})

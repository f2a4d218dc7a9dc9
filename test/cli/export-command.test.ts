import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SAMPLE_APPS } from '../../dev/sample-apps.ts'
import { json, run } from '../../harness/run-command.ts'
import { startTable, type TestTable } from './test-table.ts'

let folder: string
let table: TestTable
const read = async () => {
  const { stdout } = await table.on('export', '--secrets', '--format', 'jsonl')
  return stdout.split('\n').flatMap((line) => (line ? [JSON.parse(line) as { id: string }] : []))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soketi-apps-'))
})
afterAll(() => rm(folder, { recursive: true }))
afterEach(() => table.close())

describe('export', () => {
  it.each(['json', 'jsonl', 'csv'])('writes %s that import reads as the same apps', async (format) => {
    table = await startTable(SAMPLE_APPS)
    const path = join(folder, `export.${format}`)
    const exported = await table.on('export', '--secrets', '--format', format, '--output', path)
    expect(exported.code).toBe(1) // the samples that can't be apps are left out
    expect(exported.stderr).toMatch(/6 malformed items not exported.*bad-boolean/)
    expect((await stat(path)).mode & 0o777).toBe(0o600)

    const before = await read()
    expect(json(await table.on('import', path, '--json'))).toMatchObject({
      created: 0,
      unchanged: before.length - 1,
      rejected: [{ id: 'twin-2' }],
    })
    await table.close()
    table = await startTable()
    expect(json(await table.on('import', path, '--json'))).toMatchObject({ created: before.length - 1 })
    expect(await read()).toEqual(before.filter(({ id }) => id !== 'twin-2'))
  })

  it('writes no secret without --secrets, and overwrites no file', async () => {
    const webhooks = [{ event_types: [], url: 'https://a.b', headers: { auth: 'hidden' } }]
    const stdin = JSON.stringify([{ id: 'a', key: 'k', secret: 'a-secret-of-a-sample', webhooks }])
    table = await startTable()
    expect((await run(['import', '-', ...table.options], { stdin })).code).toBe(0)
    const ran = await table.on('export')
    expect(ran.stdout).not.toMatch(/secret|hidden/)
    expect(Object.keys(json(ran))).toEqual(['apps']) // soketi would take its own default for the secret
    const path = join(folder, 'mine.json')
    await writeFile(path, 'mine')
    expect(await table.on('export', '--output', path)).toMatchObject({
      code: 1,
      stderr: `The file ${path} exists already, and export does not overwrite files. Choose another name, or delete the file first.\n`,
    })
    expect(await readFile(path, 'utf8')).toBe('mine')
  })

  it('writes no other format to stdout than JSON with --json', async () => {
    table = await startTable(SAMPLE_APPS)
    expect(await table.on('export', '--format', 'csv', '--json')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('--output'),
    })
    expect(json(await table.on('export', '--json'))).toHaveProperty('apps')
    expect((await table.on('export', '--output', '-')).stdout).toBe((await table.on('export')).stdout)
    const path = join(folder, 'some.csv')
    expect(json(await table.on('export', '--format', 'csv', '--output', path, '--json'))).toMatchObject({
      file: path,
    })
  })
})

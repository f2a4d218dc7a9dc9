import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { BUNDLE } from '../../adapter/bundle.ts'
import { createFolder } from './folder.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const bundle = (entry: string, outfile: string) =>
  build({ ...BUNDLE, absWorkingDir: root, entryPoints: [entry], outfile, metafile: true })

describe('the package', () => {
  it('is one file of at most 60 KB that contains only the adapter', async () => {
    const outfile = join(await createFolder(), 'register.cjs')
    const { metafile } = await bundle('adapter/entry.ts', outfile)
    expect((await stat(outfile)).size).toBeLessThanOrEqual(60 * 1024)
    const foreign = Object.keys(metafile.inputs).filter(
      (path) => !/^adapter\/((lookup|soketi)\/|(entry|register)\.ts$)/.test(path),
    )
    expect(foreign).toEqual([])
  })

  it('looks up apps in a plain CommonJS program, which then exits by itself', async () => {
    const outfile = join(await createFolder(), 'lookup.cjs')
    await bundle('adapter/lookup/index.ts', outfile)
    const program = `
      const { createAppLookup } = require(${JSON.stringify(outfile)})
      const lookup = createAppLookup({ url: 'http://127.0.0.1:9', token: 'a' })
      lookup.findById('a').catch((error) => console.log(error.name, error.code))`
    // Without close(): the lookup must not keep a program running.
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], { timeout: 120_000 })
    expect(stdout.trim()).toBe('AppLookupUnavailableError endpoint-unavailable')
  })

  it('has a README with the override for Node 20 that the tests use', async () => {
    const readme = await readFile(join(root, 'adapter/README.md'), 'utf8')
    const [, lines = ''] = /```json\n([\s\S]+?)```/.exec(readme) ?? []
    const tested = JSON.parse(await readFile(join(root, 'harness/stacks/uws-20.30/package.json'), 'utf8'))
    const told = JSON.parse(lines)
    expect(tested.overrides).toMatchObject(told.overrides)
    expect(tested.dependencies).toMatchObject(told.dependencies)
  })
})

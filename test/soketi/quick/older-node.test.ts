import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { NODES } from '../../../harness/nodes.ts'

const start = (bin: string, ...args: readonly string[]) =>
  promisify(execFile)(bin, ['cli/main.js', ...args]).catch((error: unknown) => error)

describe.each(NODES)('soketi-apps on $name', ({ bin }) => {
  it('runs on the Node of the npm scripts, with its output and exit code', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'))
    expect(await start(bin, '--version')).toMatchObject({ stdout: `${version}\n`, stderr: '' })
    expect(await start(bin, 'list', '--endpoint', 'localhost')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^--endpoint must be/),
    })
  })
})

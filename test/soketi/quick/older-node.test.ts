import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { NODES } from '../../../harness/nodes.ts'

describe.each(NODES)('soketi-apps on $name', ({ bin }) => {
  it('runs on the Node of the npm scripts, with its output and exit code', async () => {
    const args = ['cli/main.js', 'list', '--endpoint', 'localhost']
    await expect(promisify(execFile)(bin, args)).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^--endpoint must be/),
    })
  })
})

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { expectNoSecret, TOKENS } from '../support/canary.ts'
import { startTestStack } from '../support/test-stack.ts'

const ARGS = ['--max-examples', '200', '--no-color', '--generation-deterministic']
const CONFIG = resolve('test/schemathesis/schemathesis.toml')

it('every request that openapi.yaml allows gets a response that openapi.yaml describes', async () => {
  const logs: string[] = []
  // It creates a folder in its working directory.
  const cwd = mkdtempSync(join(tmpdir(), 'schemathesis-'))
  const stack = await startTestStack({ onLog: (_name, line) => logs.push(line) })
  try {
    const authorization = `Authorization: Bearer ${TOKENS.full}`
    const args = [
      '--config-file',
      CONFIG,
      'run',
      resolve('openapi.yaml'),
      '--url',
      stack.url,
      '--header',
      authorization,
      ...ARGS,
    ]
    const { stdout } = await promisify(execFile)('schemathesis', args, {
      cwd,
      maxBuffer: 10 * 1024 * 1024,
    }).catch(({ message, stdout }) => Promise.reject(new Error(`${message}${stdout}`)))
    expect(stdout).toMatch(/Tested: 4\b/)
  } finally {
    await stack.close()
    rmSync(cwd, { recursive: true })
  }
  expectNoSecret(logs.join('\n'))
  expect(logs.filter((line) => line.includes('"internal"'))).toEqual([])
})

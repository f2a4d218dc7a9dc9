import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'

const SHIM = new URL('../../functions/shims/node-process.ts', import.meta.url).href

/** The standard output of a program, read slowly. */
async function readSlowly(program: string): Promise<string> {
  // A stream makes standard output non-blocking, so that a direct write to a full pipe fails.
  const preamble = `
    process.stdout._handle?.setBlocking?.(false)
    const { stdout } = await import('${SHIM}')
    const line = (n) => n + ' ' + 'x'.repeat(2_000 + (n * 7_919) % 9_000) + '\\n';`
  const child = spawn(process.execPath, ['--input-type=module', '-e', preamble + program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8')
  for await (const text of child.stdout) {
    output += text
    await sleep(1)
  }
  return output
}

const line = (n: number) => `${n} ${'x'.repeat(2_000 + ((n * 7_919) % 9_000))}\n`
const LINES = Array.from({ length: 600 }, (_, n) => line(n)).join('')

describe('log lines, when the reader of the pipe is slow,', () => {
  it('are written whole and in order, all at once', async () => {
    expect(await readSlowly('for (let n = 0; n < 600; n++) stdout.write(line(n))')).toBe(LINES)
  })

  it('are written whole and in order, in bursts between which it reads a part', async () => {
    const program = `
      for (let n = 0; n < 600; n++) {
        stdout.write(line(n))
        if (n % 5 === 0) await new Promise(setImmediate)
        if (n % 60 === 0) await new Promise((resolve) => setTimeout(resolve, 40))
      }`
    expect(await readSlowly(program)).toBe(LINES)
  })
})

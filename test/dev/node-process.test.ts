import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'

const SHIM = new URL('../../functions/shims/node-process.ts', import.meta.url).href
const LINES = 200
const LINE = 'x'.repeat(10_000)

it('a log line is written whole, however far behind its reader is', async () => {
  // A stream on standard output makes it non-blocking, so that a full pipe refuses what is written at once.
  const program = `
    process.stdout._handle?.setBlocking?.(false)
    const { stdout } = await import('${SHIM}')
    for (let n = 0; n < ${LINES}; n++) stdout.write('${LINE}\\n')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8')
  for await (const text of child.stdout) {
    output += text
    await sleep(1)
  }
  expect(output).toBe(`${LINE}\n`.repeat(LINES))
})

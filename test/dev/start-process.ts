import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type afterAll, afterEach } from 'vitest'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Arguments for free ports. */
export const ANY_PORTS = ['--port', '0', '--dynamodb-port', '0']

/** `npm start -- ARGS` as a process, and what it has written so far. */
export type Started = {
  readonly child: ChildProcess
  readonly output: () => string
  readonly exit: Promise<number | null>
}

/** Starts processes and copies the project. Both end with each test, or with the file: `useStarts(afterAll)`. */
export function useStarts(after: typeof afterEach | typeof afterAll = afterEach) {
  const running = new Set<Started>()
  const copies: string[] = []
  after(async () => {
    for (const started of running) {
      started.child.kill('SIGKILL')
      await started.exit
    }
    running.clear()
    for (const copy of copies.splice(0)) rmSync(copy, { recursive: true })
  })

  function start(
    args: readonly string[],
    { cwd = ROOT, env = {} }: { cwd?: string; env?: object } = {},
  ): Started {
    const child = spawn(process.execPath, ['dev/main.js', ...args], { cwd, env: { ...process.env, ...env } })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text))
    const exit = once(child, 'close').then(([code]) => code as number | null)
    const started = { child, output: () => output, exit }
    running.add(started)
    return started
  }

  /** A copy of what npm start needs, without the packages, for tests that change it. */
  function copyProject(): string {
    const copy = mkdtempSync(join(tmpdir(), 'soketi-app-lookup-'))
    copies.push(copy)
    for (const folder of ['dev', 'functions'])
      cpSync(join(ROOT, folder), join(copy, folder), { recursive: true })
    for (const file of ['template.yaml', 'package.json']) copyFileSync(join(ROOT, file), join(copy, file))
    return copy
  }

  return { start, copyProject }
}

/** Waits for this output of a process. */
export async function outputWith(started: Started, pattern: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const match = pattern.exec(started.output())
    if (match) return match
    const ended = await Promise.race([
      started.exit.then(() => true),
      new Promise((resolve) => setTimeout(resolve, 20)),
    ])
    if (ended && !pattern.test(started.output()))
      throw new Error(`It ended without ${pattern}: ${started.output()}`)
  }
}

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { commandOf } from '../docs/readme.ts'

const run = promisify(execFile)

/** The README's two terminals: `npm start -- --host 0.0.0.0` in one, `sam build` in the other. */
export default async function setup(): Promise<() => Promise<void>> {
  const start = spawn(commandOf('npm start -- --host'), {
    shell: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const closed = once(start, 'close')
  const stop = async () => {
    // npm and its child processes, as a process group.
    if (start.pid && start.exitCode === null) process.kill(-start.pid, 'SIGINT')
    await closed
  }
  try {
    await started(start.stdout, closed)
    await run('sam', ['build'], { maxBuffer: 10 * 1024 * 1024 })
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}

async function started(stdout: NodeJS.ReadableStream, closed: Promise<unknown>): Promise<void> {
  const ready = new Promise<void>((resolve) => {
    let output = ''
    stdout.on('data', (chunk) => {
      output += chunk
      if (output.includes('Ctrl-C stops')) resolve()
    })
  })
  const gone = closed.then(() => {
    throw new Error('npm start ended before it was ready.')
  })
  await Promise.race([ready, gone])
}

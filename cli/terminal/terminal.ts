import type { Readable, Writable } from 'node:stream'
import { EXIT } from './failure.ts'

/** The streams of a command; `isTTY` is true for an interactive terminal. */
export type Terminal = {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  /** The command's result, nothing else. */
  readonly stdout: Writable & { readonly isTTY?: boolean }
  /** Prompts, progress, warnings and errors. */
  readonly stderr: Writable & { readonly isTTY?: boolean }
  /** Aborted by Ctrl-C: start nothing new, finish what is in flight, report what was done. */
  readonly stopped: AbortSignal
}

/** Handles Ctrl-C: the first one aborts `stopped`, a later one calls `exit`. */
export type Interrupt = { readonly stopped: AbortSignal; onSignal(): void }

// The terminal sends Ctrl-C to the process, and npm forwards it: a second signal this soon is the same one.
const SAME_SIGNAL_MS = 500

/** @param exit ends the process at once */
export function createInterrupt(exit: () => void): Interrupt {
  const controller = new AbortController()
  let stoppedAt = 0
  return {
    stopped: controller.signal,
    onSignal() {
      if (!controller.signal.aborted) stoppedAt = Date.now()
      else if (Date.now() - stoppedAt > SAME_SIGNAL_MS) exit()
      controller.abort()
    },
  }
}

/** The terminal of this process. A second Ctrl-C ends the process at once. */
export function processTerminal(): Terminal {
  const { stopped, onSignal } = createInterrupt(() => process.exit(EXIT.stopped))
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  // The reader of a pipe may close it early, as `head` does. That is not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok)
    throw error
  })
  const { stdin, stdout, stderr } = process
  return { stdin, stdout, stderr, stopped }
}

import type { Readable, Writable } from 'node:stream'
import { EXIT } from './failure.ts'

/** What a command reads from and writes to; `isTTY` says that a person sits there. */
export type Terminal = {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  /** The command's result, and nothing else. */
  readonly stdout: Writable & { readonly isTTY?: boolean }
  /** Questions, progress, warnings and errors. */
  readonly stderr: Writable & { readonly isTTY?: boolean }
  /** Aborted by Ctrl-C: start nothing new, end what is under way, say what was done. */
  readonly stopped: AbortSignal
}

/** What Ctrl-C does: the first one aborts `stopped`, a later one calls `exit`. */
export type Stopper = { readonly stopped: AbortSignal; onSignal(): void }

// npm hands a Ctrl-C on to the process that the terminal has already told: what comes so soon is the same one.
const SAME_SIGNAL_MS = 500

/** @param exit ends the process, whatever it is doing */
export function createStopper(exit: () => void): Stopper {
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

/** This process's terminal. A second Ctrl-C ends the process at once. */
export function processTerminal(): Terminal {
  const { stopped, onSignal } = createStopper(() => process.exit(EXIT.stopped))
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  // A reader that has seen enough, as `head` does, is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok)
    throw error
  })
  const { stdin, stdout, stderr } = process
  return { stdin, stdout, stderr, stopped }
}

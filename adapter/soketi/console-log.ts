import type { Log } from '../lookup/index.ts'

const PREFIX = '[http-app-manager]'

/** Writes one line: information to stdout, where soketi writes too, the rest to stderr. */
export const log: Log = (level, message) => {
  const line = `${PREFIX} ${message}`
  if (level === 'info') console.log(line)
  else console.error(line)
}

/**
 * A function that logs a warning at most once a minute, with the number of times it was called since the last one. For
 * what happens to every client of an outage.
 */
export function createRareWarning(message: string): () => void {
  const intervalMs = 60_000
  let lastMs = Number.NEGATIVE_INFINITY
  let times = 0
  return () => {
    times += 1
    if (Date.now() - lastMs < intervalMs) return
    log('warn', times === 1 ? message : `${message} (${times} times)`)
    lastMs = Date.now()
    times = 0
  }
}

/**
 * Ends the process with one sentence on stderr and exit code 1.
 *
 * Throwing would not do: soketi's command line answers an uncaught error with an orderly shutdown, which fails on a
 * server that has not started, and its stack trace would hide the reason.
 */
export function stopProcess(sentence: string): never {
  process.stderr.write(`soketi-http-app-manager: ${sentence}\n`)
  process.exit(1)
}

import type { Log } from '../lookup/index.ts'

const PREFIX = '[http-app-manager]'

/** Writes one line: information to stdout, where soketi writes too, the rest to stderr. */
export const log: Log = (level, message) => {
  const line = `${PREFIX} ${message}`
  if (level === 'info') console.log(line)
  else console.error(line)
}

/**
 * A function that logs a warning at most once a minute, with the number of calls since the last one. For events that
 * occur with every client in an outage.
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
 * An uncaught error would not work: soketi's command line then shuts the server down, which fails before it has started,
 * and the stack trace would hide the reason.
 */
export function stopProcess(sentence: string): never {
  process.stderr.write(`soketi-http-app-manager: ${sentence}\n`)
  process.exit(1)
}

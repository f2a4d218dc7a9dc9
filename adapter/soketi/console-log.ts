import { createRareLog, type Log } from '../lookup/index.ts'

const PREFIX = '[http-app-manager]'

/** Writes one line: information to stdout, where soketi writes too, the rest to stderr. */
export const log: Log = (level, message) => {
  const line = `${PREFIX} ${message}`
  if (level === 'info') console.log(line)
  else console.error(line)
}

/** For events that occur with every client in an outage. */
export const rareLog = createRareLog(log, Date.now)

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

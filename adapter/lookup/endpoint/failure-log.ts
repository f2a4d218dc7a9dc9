import type { RareLog } from '../log.ts'
import type { By } from './request.ts'
import type { Failure } from './response.ts'

/** Logs why an app could not be read. An invalid app has its own line. */
export function logFailure(log: RareLog, by: By, name: string, { outcome, reason }: Failure): void {
  if (outcome === 'refused')
    log.write('error', outcome, `the endpoint rejects a request of this package: ${reason}`)
  else if (outcome === 'broken') {
    const what = `${by} ${quote(name)}`
    log.write('warn', what, `the app with ${what} cannot be used: ${reason}; repair its item`)
  } else log.write('warn', outcome, `a lookup failed: ${reason}`)
}

/** Fit for a log: a name may be whatever a client sent. */
export function quote(name: string): string {
  const quoted = JSON.stringify(name.slice(0, 128))
  return quoted.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

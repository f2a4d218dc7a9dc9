import type { Config } from './config.ts'
import type { Read } from './table.ts'

// NUL is in no id or key that soketi's own tools make.
const NO_APP = '\0soketi-app-lookup'

const PRIME_TIMEOUT_MS = 500

/**
 * Asks DynamoDB for an app that can't exist, within 500 ms, so that the first request finds the connection open
 * and the code compiled. Init runs at full speed whatever the memory setting; a first request does not.
 *
 * It never throws: a DynamoDB that does not answer is the first request's to report.
 */
export async function prime(read: Read, { prime }: Config): Promise<void> {
  if (!prime) return
  await read(NO_APP, Date.now() + PRIME_TIMEOUT_MS).catch(() => undefined)
}

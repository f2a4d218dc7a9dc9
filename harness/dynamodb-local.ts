import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { freePorts } from './ports.ts'

/** AWS's DynamoDB Local, in a child process. */
export type DynamoDBLocal = { readonly endpoint: string; stop(): void }

const SCRIPT = fileURLToPath(new URL('../.ci/dynamodb-local', import.meta.url))

/**
 * Starts it with no tables, and downloads it first if necessary.
 *
 * @throws {Error} with what is missing on this machine
 */
export async function startDynamoDBLocal(): Promise<DynamoDBLocal> {
  const [port] = await freePorts(1)
  const run = (command: string) =>
    execFileSync(SCRIPT, [command, String(port)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    run('up')
  } catch (cause) {
    const { stderr } = cause as { readonly stderr?: string }
    throw new Error(`DynamoDB Local does not start. It needs Java 17 or later, and Maven. ${stderr}`, {
      cause,
    })
  }
  return { endpoint: `http://127.0.0.1:${port}`, stop: () => void run('down') }
}

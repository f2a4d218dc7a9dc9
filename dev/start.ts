import { randomBytes } from 'node:crypto'
import { hashToken, TOKEN_PREFIX } from '../functions/access/consumers.ts'
import { greeting } from './greeting.ts'
import { startLocalStack } from './local-stack.ts'
import type { Options } from './options.ts'
import { findOwnDynamoDB } from './own-dynamodb.ts'
import { reloadOnChanges } from './reload.ts'

/** Runs `npm start`: starts the local stack, reloads it on changes, and stops it on Ctrl-C. */
export async function main(options: Options): Promise<void> {
  const token = process.env.LOOKUP_TOKEN || `${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`
  const own = options.own && (await findOwnDynamoDB(options.own).catch((error: Error) => fail(error.message)))
  let isReady = false
  const stack = await startLocalStack({
    ...options,
    own,
    consumers: `local:full:${hashToken(token)}`,
    token,
    onResponse: ({ method, path, status, ms, consumer }) =>
      isReady && console.log(`${status} ${method.padEnd(4)} ${path}  ${ms.toFixed(1)} ms  ${consumer}`),
    onLog: (_name, line) => isMetric(line) || console.log(line),
    onError: reportError,
  }).catch((error) => fail(explain(error, options)))

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      console.log('\nStopping.')
      stack.close().then(() => process.exit(0))
    })
  reloadOnChanges(stack)
  console.log(await greeting(stack, token, options.host, own))
  isReady = true
  stack.startFunctions().catch(reportError)
}

function reportError(error: unknown): void {
  console.error(error instanceof Error ? error.message : error)
}

// Lines in the embedded metric format are for CloudWatch.
function isMetric(line: string): boolean {
  return line.startsWith('{"_aws"')
}

function explain(error: unknown, { port, dynamodbPort }: Options): string {
  const { code, message, port: taken } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE') {
    const option = taken === dynamodbPort ? '--dynamodb-port' : '--port'
    return `Port ${taken ?? port} is in use. Stop the other program, or choose another port: npm start -- ${option} N`
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `--host is not an address of this machine. ${message}`
  return message
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}

import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { hashToken, TOKEN_PREFIX } from '../functions/access/consumers.ts'
import { readTableSettings } from '../functions/table-settings.ts'
import { greeting } from './greeting.ts'
import { startLocalStack } from './local-stack.ts'
import { findOwnDynamoDB, type OwnDynamoDBOptions } from './own-dynamodb.ts'
import { reloadOnChanges } from './reload.ts'

const USAGE = `npm start -- [options]        Runs the lookup on this machine, for development.

  --host ADDRESS          the address to listen on (default: 127.0.0.1; for sam local in containers: 0.0.0.0)
  --port N                the port of the API (default: 4000; 0 for any)
  --dynamodb-port N       the port of the embedded DynamoDB (default: 8000; 0 for any)

  To read your own DynamoDB with your own AWS credentials, instead of the embedded one. Each option can also be one of
  soketi's variables: SOKETI_APP_MANAGER_DYNAMODB_TABLE, _REGION and _ENDPOINT.
  --table NAME            the table (default: apps)
  --region REGION         its region (default: as for the AWS CLI)
  --endpoint URL          the URL of a local DynamoDB instead of AWS
  --feed                  with --endpoint: run a change feed for the table, which needs a stream. This writes one item
                          into the table, and creates a table for the log: local-NAME-changes

  LOOKUP_TOKEN            (environment variable) the token to accept (default: a new one at each start)`

type Options = {
  readonly host: string
  readonly port: number
  readonly dynamodbPort: number
  readonly own: OwnDynamoDBOptions | undefined
}

/** Runs `npm start`: starts the local stack, reloads it on changes, and stops it on Ctrl-C. */
export async function main(args: readonly string[]): Promise<void> {
  const options = orExit(() => readOptions(args))
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

  reloadOnChanges(stack)
  console.log(await greeting(stack, token, options.host, own))
  isReady = true
  stack.startFunctions().catch(reportError)
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      console.log('\nStopping.')
      stack.close().then(() => process.exit(0))
    })
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '4000' },
      'dynamodb-port': { type: 'string', default: '8000' },
      endpoint: { type: 'string' },
      table: { type: 'string' },
      region: { type: 'string' },
      feed: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    console.log(USAGE)
    process.exit(0)
  }
  const { feed, table = '', region = '', endpoint = '' } = values
  const own = readTableSettings(process.env, { table, region, endpoint })
  if (feed && own.endpoint === undefined)
    throw new Error('--feed needs --endpoint: it writes into the table, so it is for a local DynamoDB only.')
  return {
    host: values.host,
    port: parsePort('--port', values.port),
    dynamodbPort: parsePort('--dynamodb-port', values['dynamodb-port']),
    own: Object.keys(own).length > 0 ? { ...own, feed } : undefined,
  }
}

function parsePort(option: string, text: string): number {
  const value = Number(text)
  if (text !== '' && Number.isInteger(value) && value >= 0 && value <= 65_535) return value
  throw new Error(`${option} must be a port from 0 to 65535, not "${text}".`)
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

function orExit<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    fail(`${(error as Error).message}\n\n${USAGE}`)
  }
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}

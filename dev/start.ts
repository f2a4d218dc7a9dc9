import { randomBytes } from 'node:crypto'
import { watch } from 'node:fs'
import { parseArgs } from 'node:util'
import { hashToken, TOKEN_PREFIX } from '../functions/consumers.ts'
import { type LocalStack, type OwnDynamoDB, startLocalStack } from './local-stack.ts'

const USAGE = `npm start -- [options]        Runs the lookup on this machine, for development.

  --host ADDRESS          listen on this address instead of 127.0.0.1 (0.0.0.0 for sam local in containers)
  --port N                the gateway's port, 4000 unless given; 0 for any
  --dynamodb-port N       the embedded DynamoDB's port, 8000 unless given; 0 for any

  A DynamoDB of your own, read with your own AWS credentials, instead of the embedded one:
  --endpoint URL          another endpoint than AWS's
  --table NAME            the table, apps unless given
  --region REGION         the table's region

  LOOKUP_TOKEN            (environment) the token to accept, instead of a new one at each start`

type Options = {
  readonly host: string
  readonly port: number
  readonly dynamodbPort: number
  readonly own: OwnDynamoDB | undefined
}

/** What `npm start` does: starts the local stack, says what is where, reloads on changes, stops on Ctrl-C. */
export async function main(args: readonly string[]): Promise<void> {
  const options = orExit(() => readOptions(args))
  const token = process.env.LOOKUP_TOKEN || `${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`
  const stack = await startLocalStack({
    ...options,
    consumers: `local:full:${hashToken(token)}`,
    onAnswer: ({ method, path, status, ms, consumer }) =>
      console.log(`${status} ${method.padEnd(4)} ${path}  ${ms.toFixed(1)} ms  ${consumer}`),
    onLog: (_name, line) => isMetric(line) || console.log(line),
    onError: (error) => console.error(error instanceof Error ? error.message : error),
  }).catch((error) => fail(explain(error, options)))

  reloadOnChanges(stack)
  console.log(describe(stack, token, options))
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
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    console.log(USAGE)
    process.exit(0)
  }
  const { endpoint, table, region } = values
  return {
    host: values.host,
    port: port('--port', values.port),
    dynamodbPort: port('--dynamodb-port', values['dynamodb-port']),
    own:
      (endpoint ?? table ?? region)
        ? { ...(endpoint && { endpoint }), ...(table && { table }), ...(region && { region }) }
        : undefined,
  }
}

function port(option: string, text: string): number {
  const value = Number(text)
  if (text !== '' && Number.isInteger(value) && value >= 0 && value <= 65_535) return value
  throw new Error(`${option} must be a port from 0 to 65535, not "${text}".`)
}

function describe({ url, dynamodb }: LocalStack, token: string, { host, own }: Options): string {
  const at = url.replace('0.0.0.0', '127.0.0.1')
  const table = own
    ? `${own.table ?? 'apps'} at ${own.endpoint ?? `AWS, ${own.region ?? 'your default region'}`}, with your credentials`
    : `${dynamodb?.endpoint}  embedded, in memory, table apps with sample apps`
  const id = own ? 'YOUR-APP-ID' : 'demo'
  return `
soketi-app-lookup on this machine, a development tool: not for production${host === '127.0.0.1' ? '' : `, and open to ${host}`}

  lookup     ${at}   (a browser finds the API's page there)
  DynamoDB   ${table}
  token      ${token}

  curl -H 'Authorization: Bearer ${token}' ${at}/apps/${id}

Source changes reload by themselves; Ctrl-C stops.
`
}

function reloadOnChanges(stack: LocalStack): void {
  let timer: NodeJS.Timeout | undefined
  // Editors write a file in several steps: wait until it has been quiet for a moment.
  watch(new URL('../functions/', import.meta.url), { recursive: true }, (_event, file) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      stack.reload().then(
        () => console.log(`Reloaded after a change of functions/${file}.`),
        (error: Error) =>
          console.error(`functions/${file} can't be loaded; the last version still runs. ${error.message}`),
      )
    }, 100)
  })
}

// The embedded metric format's lines are for CloudWatch.
function isMetric(line: string): boolean {
  return line.startsWith('{"_aws"')
}

function explain(error: unknown, { port, dynamodbPort }: Options): string {
  const { code, message, port: taken } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE') {
    const option = taken === dynamodbPort ? '--dynamodb-port' : '--port'
    return `Port ${taken ?? port} is in use. Stop what uses it, or choose another: npm start -- ${option} N`
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `--host is no address of this machine. ${message}`
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

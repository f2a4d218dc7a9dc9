import { parseArgs } from 'node:util'
import { assertTable, readTableSettings } from '../functions/table-settings.ts'
import type { OwnDynamoDBOptions } from './own-dynamodb.ts'

/** The options of `npm start`. */
export type Options = {
  readonly host: string
  readonly port: number
  readonly dynamodbPort: number
  /** The DynamoDB to read instead of the embedded one. */
  readonly own: OwnDynamoDBOptions | undefined
}

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

/** Reads the command line. Prints the usage and ends the process for `--help`, or if an option is wrong. */
export function readOptions(args: readonly string[]): Options {
  try {
    const options = parseOptions(args, process.env)
    if (options !== 'help') return options
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`)
    process.exit(1)
  }
  console.log(USAGE)
  process.exit(0)
}

/** Parses the command line. @throws {Error} with a sentence about an option, or a variable, that is wrong */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options | 'help' {
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
  if (values.help) return 'help'
  const { feed, table = '', region = '', endpoint = '' } = values
  const own = readTableSettings(environment, { table, region, endpoint })
  assertTable(own)
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

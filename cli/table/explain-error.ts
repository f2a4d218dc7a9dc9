import { CommanderError } from 'commander'
import { settingsOf } from '../../functions/dynamodb/endpoint-error.ts'
import { EXIT, type ExitCode, Failure } from '../terminal/failure.ts'
import { printable } from '../terminal/format.ts'
import { adviseOnProxy } from '../terminal/proxy.ts'
import { THROTTLING_ERRORS } from './retry.ts'
import type { TableOptions } from './table-options.ts'

/** What to print for an error, and the exit code. The message says what happened and what to do. */
export type Explanation = { readonly message: string; readonly exitCode: ExitCode }

/**
 * The message and the exit code for an error.
 *
 * Messages of the SDK are left out, because they quote requests.
 */
export function explainError(
  error: unknown,
  options: Partial<TableOptions>,
  stopped: AbortSignal,
): Explanation {
  if (error instanceof Failure) return error
  if (error instanceof CommanderError)
    return { message: '', exitCode: error.exitCode === 0 ? EXIT.ok : EXIT.usage }
  if (stopped.aborted) return { message: explainStop(error), exitCode: EXIT.stopped }
  return { message: explain(error, options), exitCode: EXIT.failed }
}

/** An aborted read and a throttled write changed nothing; a write without a response may have. */
function explainStop(error: unknown): string {
  const { name } = error as Error
  return name === 'AbortError' || THROTTLING_ERRORS.has(name)
    ? 'Stopped by Ctrl-C. Nothing was changed.'
    : 'Stopped by Ctrl-C before DynamoDB responded, so the change may have been made. To find out, run show or list.'
}

function explain(error: unknown, options: Partial<TableOptions>): string {
  if (!(error instanceof Error)) return 'The command failed for an unknown reason.'
  const { table = 'apps', region, endpoint } = options
  const { name, message, code } = error as Error & { code?: string }
  const place = endpoint ? `at ${new URL(endpoint).host}` : `in ${region ?? 'the default region'}`
  if (name === 'ResourceNotFoundException')
    return `There is no table ${table} ${place}. Use another one with --table or --region, or create it: npx soketi-apps table create${flagsOf(options)}`
  if (name === 'AccessDeniedException') {
    const action = /dynamodb:\w+/.exec(message)?.[0] ?? 'the request'
    const index = /arn:\S+\/index\/\S+/.exec(message)?.[0]
    if (index !== undefined)
      return `The AWS credentials do not allow ${action} on the index of the table ${table}. Their policy must have the index as a resource beside the table: ${index}`
    return `The AWS credentials do not allow ${action} on the table ${table}. Use other credentials, for example with --profile.`
  }
  if (name === 'EndpointError')
    return `DynamoDB has no endpoint for the setting ${settingsOf(error)}. Correct or remove it, in the environment or in ~/.aws/config.`
  if (/Region is missing/.test(message))
    return 'No AWS region is set. Use --region, or set AWS_REGION or a profile with a region.'
  if (/^Region not accepted/.test(message))
    return `${region === undefined ? 'The default region' : `"${printable(region)}"`} is not a region. Use one like eu-west-1 with --region.`
  if (CREDENTIALS_ERRORS.has(name))
    return 'There are no AWS credentials, or AWS rejected them. Sign in (aws sso login or aws configure), or use --profile.'
  if (name === 'ValidationException')
    return `DynamoDB rejected the request: either the table ${table} does not have the key and the index that soketi needs, or an app is larger than 400 KB. Compare the table: npx soketi-apps table compare${flagsOf(options)}`
  if (name === 'ResourceInUseException')
    return `The table ${table} ${place} exists already. To see whether it is what lookups need: npx soketi-apps table compare${flagsOf(options)}`
  if (THROTTLING_ERRORS.has(name))
    return `DynamoDB throttled the table ${table} for a minute. Try again later, or increase the capacity of the table.`
  if (name === 'TimeoutError' || (code && NETWORK_ERRORS.has(code))) {
    const cause = `${endpoint ? `DynamoDB ${place}` : 'AWS'} does not respond (${code ?? 'timeout'}).`
    return endpoint
      ? `${cause} Check --endpoint, and that DynamoDB is running there${adviseOnProxy()}.`
      : `${cause} Check the network and the region${adviseOnProxy()}.`
  }
  if (code !== undefined && FILE_ERRORS.has(code))
    return `Can't open the file ${printable((error as NodeJS.ErrnoException).path ?? '')}: ${FILE_ERRORS.get(code)} (${code}).`
  return `The command failed: ${name}${code ? ` (${code})` : ''}.`
}

/** The options that select the table, to repeat in a command. */
function flagsOf({ table, region, endpoint, profile }: Partial<TableOptions>): string {
  const flags = { table: table === 'apps' ? undefined : table, region, endpoint, profile }
  return Object.entries(flags)
    .flatMap(([name, value]) => (value ? [` --${name} ${value}`] : []))
    .join('')
}

const CREDENTIALS_ERRORS: ReadonlySet<string> = new Set([
  'CredentialsProviderError',
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'TokenProviderError',
  'UnrecognizedClientException',
])
const NETWORK_ERRORS: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_PROXY_TUNNEL',
  'ETIMEDOUT',
])
const FILE_ERRORS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EISDIR', 'it is a folder'],
  ['ENOENT', 'there is no such file or folder'],
  ['ENOTDIR', 'a part of its path is not a folder'],
])

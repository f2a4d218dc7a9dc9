import { CommanderError } from 'commander'
import { EXIT, type ExitCode, Failure } from './failure.ts'
import { printable } from './output.ts'
import { THROTTLES } from './retry.ts'
import type { TableOptions } from './table-options.ts'

/** A failure in one sentence that says what to do, and its exit code. */
export type Explanation = { readonly message: string; readonly exitCode: ExitCode }

/**
 * What the admin is told of an error.
 *
 * Messages of the SDK are left out, but for the action that is not allowed: they quote requests.
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

/** A read that Ctrl-C ended, and a write that was throttled, changed nothing; a write without an answer may have. */
function explainStop(error: unknown): string {
  const { name } = error as Error
  return name === 'AbortError' || THROTTLES.has(name)
    ? 'Stopped by Ctrl-C; nothing was changed.'
    : 'Stopped by Ctrl-C while DynamoDB gave no answer; the change may have been made, so look with show or list.'
}

function explain(error: unknown, { table = 'apps', region, endpoint }: Partial<TableOptions>): string {
  if (!(error instanceof Error)) return 'The command failed for a reason that it does not know.'
  const { name, message, code } = error as Error & { code?: string }
  const place = endpoint
    ? `at ${new URL(endpoint).host}`
    : `in ${region ?? 'the region that AWS is set up for'}`
  if (name === 'ResourceNotFoundException')
    return `There is no table ${table} ${place}; name another with --table or --region, or make it with: npm run apps -- table create`
  if (name === 'AccessDeniedException') {
    const action = /dynamodb:\w+/.exec(message)?.[0]
    return `These AWS credentials do not allow ${action ?? 'this'} on the table ${table}; sign in as who may write it, for example with --profile.`
  }
  if (/Region is missing/.test(message))
    return 'No AWS region is set; give --region, or set AWS_REGION or a profile with one.'
  if (CREDENTIALS.has(name))
    return 'AWS does not accept the credentials, or there are none; sign in (aws sso login, aws configure) or give --profile.'
  if (name === 'ValidationException')
    return `DynamoDB refuses the request: the table ${table} is not as soketi needs it, or an app is larger than 400 KB. See: npm run apps -- table compare`
  if (name === 'ResourceInUseException')
    return `The table ${table} ${place} exists already, or is being changed.`
  if (THROTTLES.has(name))
    return `DynamoDB has throttled the table ${table} for a minute; try again later, or give it more capacity.`
  if (name === 'TimeoutError' || (code && NETWORK.has(code)))
    return `Nothing answers ${endpoint ? place : 'at AWS'} (${code ?? 'timeout'}); is the ${endpoint ? '--endpoint right and the DynamoDB running' : 'network up and the region right'}?`
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR' || code === 'EEXIST')
    return `The file ${printable((error as NodeJS.ErrnoException).path ?? '')} can't be used (${code}); check its path and rights.`
  return `The command failed: ${name}${code ? ` (${code})` : ''}.`
}

const CREDENTIALS: ReadonlySet<string> = new Set([
  'CredentialsProviderError',
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'TokenProviderError',
  'UnrecognizedClientException',
])
const NETWORK: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

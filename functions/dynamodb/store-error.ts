import { type ErrorCode, type ErrorLogFields, LookupError } from '../lookup-error.ts'
import { settingsOf } from './endpoint-error.ts'

type StoreErrorCode = Extract<ErrorCode, `store-${string}`>

// Matched by name: a bundle may hold an error class twice.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
const CODES = new Map<unknown, StoreErrorCode>([
  ['ProvisionedThroughputExceededException', 'store-throttled'],
  ['RequestLimitExceeded', 'store-throttled'],
  ['RequestThrottled', 'store-throttled'],
  ['RequestThrottledException', 'store-throttled'],
  ['Throttling', 'store-throttled'],
  ['ThrottlingException', 'store-throttled'],
  ['TooManyRequestsException', 'store-throttled'],
  ['AccessDeniedException', 'store-misconfigured'],
  ['CredentialsProviderError', 'store-misconfigured'],
  ['EndpointError', 'store-misconfigured'], // settings that can't work together
  ['ENOTFOUND', 'store-misconfigured'], // the region or endpoint does not exist
  ['ExpiredTokenException', 'store-misconfigured'],
  ['IncompleteSignatureException', 'store-misconfigured'],
  ['InvalidSignatureException', 'store-misconfigured'],
  ['MissingAuthenticationTokenException', 'store-misconfigured'],
  ['ResourceNotFoundException', 'store-misconfigured'],
  ['UnrecognizedClientException', 'store-misconfigured'],
  ['ValidationException', 'store-misconfigured'], // a missing index or one without all attributes, or a table with other keys
])

const DETAILS: Record<StoreErrorCode, string> = {
  'store-throttled': 'DynamoDB throttles the reads of the table; try again.',
  'store-unavailable': 'DynamoDB did not answer in time or failed; try again.',
  'store-misconfigured': 'DynamoDB rejects the read: check the region, the role, the table and its index.',
}

/** Whether this is the name of a throttling error. */
export function isThrottle(name: string): boolean {
  return CODES.get(name) === 'store-throttled'
}

/**
 * The error for a failed read.
 *
 * The log gets the name of the cause, not its message: a parser's message quotes the response, and a signature error's
 * message quotes the token.
 */
export function storeError(error: unknown, attempts: number): LookupError {
  const { code: systemError, reason, $metadata } = error as StoreError
  const name = error instanceof Error ? error.name : typeof error
  const code =
    $metadata?.httpStatusCode === 429 ? 'store-throttled' : (CODES.get(name) ?? CODES.get(systemError))
  const detail =
    error instanceof Error && name === 'EndpointError'
      ? `DynamoDB has no endpoint for the setting ${settingsOf(error)}: correct or remove it.`
      : undefined
  const fields = {
    storeError: name,
    ...(typeof systemError === 'string' && { systemError }),
    ...(reason !== undefined && { reason }),
    httpStatusCode: $metadata?.httpStatusCode,
    attempts,
    dynamodbRequestId: $metadata?.requestId,
  }
  return storeFailure(code ?? 'store-unavailable', fields, detail)
}

/** What the SDK, Node and this project add to their errors. */
type StoreError = {
  readonly code?: unknown
  readonly reason?: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
}

/** The error for a response that does not match the request; `reason` is a fixed text. */
export function mismatchError(reason: string): LookupError {
  return storeFailure('store-unavailable', { storeError: 'ResponseMismatch', reason })
}

function storeFailure(
  code: StoreErrorCode,
  logFields: ErrorLogFields,
  detail: string = DETAILS[code],
): LookupError {
  return new LookupError(code, detail, { logFields })
}

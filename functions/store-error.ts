import { type ErrorCode, type ErrorFacts, LookupError } from './lookup-error.ts'

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
  ['ENOTFOUND', 'store-misconfigured'], // no host of this name: a region or endpoint that does not exist
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
  'store-misconfigured':
    'DynamoDB refuses the read: the region, the role, the table or the index is not as needed.',
}

/** Whether an error of this name, as DynamoDB sends it, is a throttle. */
export function isThrottle(name: string): boolean {
  return CODES.get(name) === 'store-throttled'
}

/**
 * Why DynamoDB gave no answer.
 *
 * The log gets the error's name and where it came from. Its message is left out: a parser's quotes the answer, a
 * signature's the token.
 */
export function storeError(error: unknown, attempts: number): LookupError {
  const { code: systemError, reason, $metadata } = error as StoreError
  const name = error instanceof Error ? error.name : typeof error
  const code =
    $metadata?.httpStatusCode === 429 ? 'store-throttled' : (CODES.get(name) ?? CODES.get(systemError))
  return storeFailure(code ?? 'store-unavailable', {
    storeError: name,
    ...(typeof systemError === 'string' && { systemError }),
    ...(reason !== undefined && { reason }),
    httpStatusCode: $metadata?.httpStatusCode,
    attempts,
    dynamodbRequestId: $metadata?.requestId,
  })
}

/** What the SDK, Node and this project add to their errors. */
type StoreError = {
  readonly code?: unknown
  readonly reason?: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
}

/** The error for an answer that is DynamoDB's, but not to the question; `reason` is a fixed text. */
export function notTheAnswer(reason: string): LookupError {
  return storeFailure('store-unavailable', { storeError: 'NotTheAnswer', reason })
}

function storeFailure(code: StoreErrorCode, facts: ErrorFacts): LookupError {
  return new LookupError(code, DETAILS[code], { facts })
}

import { crc32 } from './crc32.ts'
import type { WireResponse } from './exchange.ts'

/** A response that DynamoDB may not have sent. `reason` is a fixed text for the log. */
export class InvalidResponseError extends Error {
  override readonly name = 'InvalidResponseError'
  readonly reason: string

  constructor(reason: string) {
    super()
    this.reason = reason
  }
}

/**
 * Checks that a successful response is DynamoDB's own, complete and unchanged.
 *
 * A proxy can send 200 with something else, and the SDK would read `{"message": …}` as an item that does not exist.
 *
 * @param target the request's `x-amz-target`
 * @throws {InvalidResponseError}
 */
export function validateResponse(
  target: string | undefined,
  { statusCode, headers, body }: WireResponse,
): void {
  if (statusCode !== 200) throw new InvalidResponseError('The status is not 200.')
  if (!headers['x-amzn-requestid']) throw new InvalidResponseError('There is no request id.')
  const checksum = headers['x-amz-crc32']
  if (checksum !== undefined && Number(checksum) !== crc32(body))
    throw new InvalidResponseError('The checksum is not that of the body.')
  const output = parse(body)
  if (!isObject(output)) throw new InvalidResponseError('The body is not a JSON object.')
  const shape = SHAPES[target?.split('.')[1] ?? '']
  if (shape && !shape(output))
    throw new InvalidResponseError('The body does not have the shape of the operation.')
}

type Shape = (output: Readonly<Record<string, unknown>>) => boolean

const SHAPES: Readonly<Record<string, Shape>> = {
  // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html#API_GetItem_ResponseSyntax
  GetItem: (output) => ('Item' in output ? isObject(output.Item) : hasOnly(output, ['ConsumedCapacity'])),
  // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html#API_PutItem_ResponseSyntax
  PutItem: (output) => hasOnly(output, ['ConsumedCapacity', 'ItemCollectionMetrics']),
  // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html#API_Query_ResponseSyntax
  Query: ({ Items, Count, ...rest }) =>
    Array.isArray(Items) &&
    Items.every(isObject) &&
    // An empty list means that the item does not exist, so it must be DynamoDB's own in every member.
    (Items.length > 0
      ? Count === undefined || Count === Items.length
      : Count === 0 && hasOnly(rest, ['ScannedCount', 'ConsumedCapacity', 'LastEvaluatedKey'])),
}

function hasOnly(output: object, members: readonly string[]): boolean {
  return Object.keys(output).every((member) => members.includes(member))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

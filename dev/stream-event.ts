import { isDeepStrictEqual } from 'node:util'
import type { AttributeValue as SdkValue } from '@aws-sdk/client-dynamodb'
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda'
import type { Item } from '../functions/apps/item.ts'

/** A write: the item's key, and the item before and after it. */
export type Write = {
  readonly keys: Item
  readonly before: Item | undefined
  readonly after: Item | undefined
}

/**
 * The stream record of a write, as Lambda passes it to a function; none if the write changes nothing.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
 */
export function recordOf(
  write: Write,
  streamArn: string,
  sequenceNumber: number,
): DynamoDBRecord | undefined {
  const { keys, before, after } = write
  if (isDeepStrictEqual(before, after)) return undefined
  return {
    eventID: String(sequenceNumber),
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    eventSourceARN: streamArn,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
      Keys: toEventItem(keys),
      ...(after && { NewImage: toEventItem(after) }),
      ...(before && { OldImage: toEventItem(before) }),
      SequenceNumber: String(sequenceNumber).padStart(21, '0'),
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  }
}

/** An item in an event: with binary values in base64. */
export function toEventItem(item: Item): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, toEventValue(value)]))
}

function toEventValue(value: SdkValue): AttributeValue {
  if (value.B) return { B: toBase64(value.B) }
  if (value.BS) return { BS: value.BS.map(toBase64) }
  if (value.L) return { L: value.L.map(toEventValue) }
  if (value.M) return { M: toEventItem(value.M) }
  return value as AttributeValue
}

const toBase64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

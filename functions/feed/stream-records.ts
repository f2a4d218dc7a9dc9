import { hash } from 'node:crypto'
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda'
import { heartbeatIdOf, isHeartbeat } from '../apps/heartbeat.ts'
import { hasKeyLength } from '../apps/key-length.ts'
import type { Hint } from './hint.ts'

/** The content of a batch of the table's stream. */
export type StreamBatch = {
  readonly hints: readonly Hint[]
  /** When DynamoDB recorded the newest heartbeat of this region in the batch, epoch time in seconds. */
  readonly heartbeatAt: number | undefined
  /** The ARN of the stream. */
  readonly source: string
  /** How many records are from another table, or about an item that can't be an app. */
  readonly ignored: number
}

/**
 * Reads a batch of stream records. Every record of an app is a hint, even if its images are equal: a consumer may have
 * seen the app between a change and its reversal. No content of a record is an error.
 */
export function readStreamBatch(
  event: unknown,
  { tableName, region }: { readonly tableName: string; readonly region: string },
): StreamBatch {
  const hints: Hint[] = []
  let heartbeatAt: number | undefined
  let source = ''
  let ignored = 0
  for (const record of recordsOf(event)) {
    const { eventSourceARN, dynamodb } = record
    const id = isStreamOf(tableName, eventSourceARN) ? idOf(dynamodb?.Keys) : undefined
    if (id === undefined) {
      ignored++
      continue
    }
    source = String(eventSourceARN)
    // Another region's heartbeat proves nothing about this region's stream.
    if (id === heartbeatIdOf(region)) heartbeatAt = newest(heartbeatAt, timeOf(record))
    if (!isHeartbeat(id)) hints.push(hintOf(id, record))
  }
  return { hints, heartbeatAt, source, ignored }
}

/** The later of two times that may be missing. */
export function newest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b)
}

/** The first 64 bits of a key's SHA-256, in base64url: it identifies the key without disclosing it. */
export function hashKey(appKey: string): string {
  return hash('sha256', appKey, 'buffer').subarray(0, 8).toString('base64url')
}

function recordsOf(event: unknown): DynamoDBRecord[] {
  const { Records } = (event ?? {}) as { readonly Records?: unknown }
  return Array.isArray(Records)
    ? Records.filter((record) => typeof record === 'object' && record !== null)
    : []
}

function isStreamOf(tableName: string, arn: unknown): boolean {
  return typeof arn === 'string' && arn.includes(`:table/${tableName}/stream/`)
}

type Attributes = Readonly<Record<string, AttributeValue>> | undefined

function idOf(keys: Attributes): string | undefined {
  const id = textOf(keys?.AppId)
  return id !== undefined && hasKeyLength(id) ? id : undefined
}

function textOf(value: AttributeValue | undefined): string | undefined {
  return typeof value?.S === 'string' ? value.S : undefined
}

function timeOf({ dynamodb, eventName }: DynamoDBRecord): number | undefined {
  const at = dynamodb?.ApproximateCreationDateTime
  return typeof at === 'number' && Number.isFinite(at) && eventName !== 'REMOVE' ? at : undefined
}

function hintOf(id: string, { eventName, dynamodb }: DynamoDBRecord): Hint {
  const { NewImage, OldImage } = dynamodb ?? {}
  // Without the new image of an existing item, the app may have any key.
  if (NewImage === undefined && (eventName !== 'REMOVE' || OldImage === undefined)) return { id }
  const keys = [OldImage, NewImage].flatMap((image) => textOf(image?.AppKey) ?? [])
  return { id, keys: [...new Set(keys)].map(hashKey) }
}

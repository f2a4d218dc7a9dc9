import { hash } from 'node:crypto'
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda'
import { heartbeatRegionOf, SCHEDULED_TIME } from '../apps/heartbeat.ts'
import { hasKeyLength } from '../apps/key-length.ts'
import type { Hint } from './hint.ts'

/** The form of the regions whose heartbeats are measured, because their names are written to the log. */
const REGION = /^[a-z]{2,}(-[a-z]+)+-\d+$/

/** The content of a batch of the table's stream. */
export type StreamBatch = {
  readonly hints: readonly Hint[]
  /** When DynamoDB recorded the newest heartbeat of this region in the batch, epoch time in seconds. */
  readonly heartbeatAt: number | undefined
  /** The scheduled time of the heartbeat before the first one in the batch, epoch time in seconds, if the stream has it. */
  readonly previousHeartbeatAt: number | undefined
  /** The scheduled time of the newest heartbeat of each other region in the batch, epoch time in seconds. */
  readonly otherHeartbeats: ReadonlyMap<string, number>
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
  const otherHeartbeats = new Map<string, number>()
  let heartbeatAt: number | undefined
  let previousHeartbeatAt: number | undefined
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
    const origin = heartbeatRegionOf(id)
    if (origin === undefined) hints.push(hintOf(id, record))
    else if (origin === region) {
      if (heartbeatAt === undefined) previousHeartbeatAt = scheduledTimeOf(dynamodb?.OldImage)
      heartbeatAt = newest(heartbeatAt, timeOf(record))
    } else {
      // Another region's heartbeat proves nothing about this region's stream.
      const scheduledAt = scheduledTimeOf(dynamodb?.NewImage)
      if (scheduledAt !== undefined && REGION.test(origin)) otherHeartbeats.set(origin, scheduledAt)
    }
  }
  return { hints, heartbeatAt, previousHeartbeatAt, otherHeartbeats, source, ignored }
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

function scheduledTimeOf(image: Attributes): number | undefined {
  const at = Date.parse(textOf(image?.[SCHEDULED_TIME]) ?? '') / 1000
  return Number.isFinite(at) ? at : undefined
}

function hintOf(id: string, { eventName, dynamodb }: DynamoDBRecord): Hint {
  const { NewImage, OldImage } = dynamodb ?? {}
  // Without the new image of an existing item, the app may have any key.
  if (NewImage === undefined && (eventName !== 'REMOVE' || OldImage === undefined)) return { id }
  const keys = [OldImage, NewImage].flatMap((image) => textOf(image?.AppKey) ?? [])
  return { id, keys: [...new Set(keys)].map(hashKey) }
}

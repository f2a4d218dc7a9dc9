import { DynamoDBClient, type QueryCommandOutput } from '@aws-sdk/client-dynamodb'
import { fillTable, LOCAL_CREDENTIALS } from '../../dev/embedded-dynamodb.ts'
import { readStack } from '../../dev/stack.ts'
import { encodeEntry } from '../../functions/feed/change-entry.ts'
import { type ChangeLogReader, createChangeLogReader } from '../../functions/feed/change-log.ts'
import { formatCursor } from '../../functions/feed/cursor.ts'
import { createFeed } from '../../functions/feed/poll.ts'
import { namesOf } from './feed-stack.ts'

/** The polls of a reader from the first entry of the log to the last, each with its read units and its time. */
export type CatchUp = { readonly 'read units': readonly number[]; readonly 'poll ms': readonly number[] }

const EPOCH = 'bench-epoch'
const MAX_POLL_MS = 60_000

/**
 * Reads a log of this number of entries, each with this number of hints, on a DynamoDB Local: by polls as they are
 * (`limited`), and by polls whose Query has no limit but DynamoDB's own, which is 1 MB.
 */
export async function measureCatchUp(
  endpoint: string,
  entries: number,
  hintsEach: number,
): Promise<Readonly<Record<'limited' | 'unlimited', CatchUp>>> {
  const TableName = `changes-${hintsEach}`
  await fillTable(endpoint, { ...readStack({}).feed?.changeLog, TableName }, itemsOf(entries, hintsEach))
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS })
  let units = 0
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } })
      units += (result.output as QueryCommandOutput).ConsumedCapacity?.CapacityUnits ?? 0
      return result
    },
    { step: 'initialize' },
  )

  const readAll = async (log: ChangeLogReader): Promise<CatchUp> => {
    const poll = createFeed(log)
    const [unitsOfPolls, msOfPolls]: [number[], number[]] = [[], []]
    for (let next = { cursor: formatCursor({ epoch: EPOCH, seq: 1 }), more: true }; next.more; ) {
      const startedAt = performance.now()
      units = 0
      next = (await poll(next.cursor, Date.now() + MAX_POLL_MS)).page
      unitsOfPolls.push(units)
      msOfPolls.push(performance.now() - startedAt)
    }
    return { 'read units': unitsOfPolls, 'poll ms': msOfPolls }
  }
  const log = createChangeLogReader(client, TableName)
  const limited = await readAll(log)
  const readFrom: ChangeLogReader['readFrom'] = (seq, _limit, deadline) =>
    log.readFrom(seq, entries, deadline)
  const unlimited = await readAll({ ...log, readFrom })
  client.destroy()
  return { limited, unlimited }
}

function itemsOf(entries: number, hintsEach: number) {
  const now = Math.floor(Date.now() / 1000)
  const hints = namesOf('app', hintsEach).map((id) => ({ id, keys: ['AAAAAAAAAAA'] }))
  const source = 'arn:aws:dynamodb:us-east-1:123456789012:table/apps/stream/2026-11-22T12:00:00.000'
  return Array.from({ length: entries }, (_, index) =>
    encodeEntry({ seq: index + 1, epoch: EPOCH, hints, heartbeatAt: now, source, appendedAt: now }),
  )
}

import { type Answer, type Found, readBatchAnswerFor } from './answer.ts'
import type { App } from './app.ts'
import type { Cache } from './cache.ts'
import { createDisappearances, type DisappearanceTimes } from './disappearances.ts'
import { type BatchItem, batchRequestFor } from './question.ts'
import type { AskLimits, RegionalAnswer, Regions } from './regions.ts'

/**
 * What a re-read said of an app with open sockets.
 *
 * `unchanged` and `changed` carry the app as it is now. `changed` is relative to the cache, and a lookup may have
 * refreshed the cache since a socket was opened: compare `app` with the one the socket was opened with, which is
 * the same object as long as nothing changed. `gone`: act on it, it is confirmed (two not-found answers from the
 * nearest region one interval apart, and no mass disappearance). `unknown`: leave the sockets alone.
 */
export type Recheck =
  | { readonly status: 'unchanged' | 'changed'; readonly app: App }
  | { readonly status: 'gone' | 'unknown' }

export type RecheckOptions<F> = {
  readonly cache: Cache<F>
  readonly regions: Regions
  readonly limits: AskLimits
  readonly times: DisappearanceTimes
  readonly clock: () => number
}

const MAX_ITEMS = 100
/** Below the contract's 64 KiB, with room for the brackets. */
const MAX_BYTES = 60_000
const MIN_GAP_MS = 1_000

/** Re-reads apps by id in conditional batches, at most one request a second, one call after the other. */
export function createRecheck<F>({ cache, regions, limits, times, clock }: RecheckOptions<F>) {
  const disappearances = createDisappearances(times)
  let lastSentAt = Number.NEGATIVE_INFINITY
  let before: Promise<unknown> = Promise.resolve()

  const recheckOne = (
    id: string,
    answer: Answer<Found>,
    from: RegionalAnswer<unknown>,
    known: number,
  ): Recheck => {
    if (answer.outcome !== 'found' && answer.outcome !== 'not-found') return { status: 'unknown' }
    const readAt = from.sentAt - answer.ageMs
    if (answer.outcome === 'not-found') {
      cache.notFound('id', id, readAt, from.isNearest, clock())
      const isGone = from.isNearest && disappearances.missing(id, readAt, known).gone
      return { status: isGone ? 'gone' : 'unknown' }
    }
    disappearances.present(id, readAt)
    const was = cache.peek(id)
    const found = answer.value === 'unchanged' ? was : answer.value
    if (found === undefined) return { status: 'unknown' }
    const { app } = cache.found('id', id, { ...found, readAt })
    return { status: app === was?.app ? 'unchanged' : 'changed', app }
  }

  const recheckChunk = async (items: readonly BatchItem[], known: number, results: Map<string, Recheck>) => {
    const waitMs = lastSentAt + MIN_GAP_MS - clock()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    if (regions.inUse() === undefined) return
    lastSentAt = clock()
    const asked = await regions.ask(batchRequestFor(items), readBatchAnswerFor(items), limits)
    const { answer } = asked
    if (answer.outcome === 'found')
      answer.value.forEach((one, i) => {
        const id = items[i]?.id
        if (id !== undefined) results.set(id, recheckOne(id, one, asked, known))
      })
    else if ('reason' in answer && answer.reason === 'too-large' && items.length > 1) {
      const half = Math.ceil(items.length / 2)
      await recheckChunk(items.slice(0, half), known, results)
      await recheckChunk(items.slice(half), known, results)
    }
  }

  return (ids: readonly string[]): Promise<Map<string, Recheck>> => {
    const run = async () => {
      const results = new Map<string, Recheck>(ids.map((id) => [id, { status: 'unknown' }]))
      for (const items of chunk([...results.keys()], cache)) await recheckChunk(items, results.size, results)
      return results
    }
    const result = before.then(run)
    before = result.catch(() => {})
    return result
  }
}

function chunk<F>(ids: readonly string[], cache: Cache<F>): BatchItem[][] {
  const chunks: BatchItem[][] = []
  let bytes = MAX_BYTES
  for (const id of ids) {
    const etag = cache.peek(id)?.etag
    const item = etag === undefined ? { id } : { id, etag }
    const size = Buffer.byteLength(JSON.stringify(item)) + 1
    if (bytes + size > MAX_BYTES || chunks[chunks.length - 1]?.length === MAX_ITEMS) {
      chunks.push([])
      bytes = 0
    }
    chunks[chunks.length - 1]?.push(item)
    bytes += size
  }
  return chunks
}

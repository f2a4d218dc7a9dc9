import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../harness/until.ts'
import { type FeedStack, namesOf } from './feed-stack.ts'
import { cursorBefore, entryOf, poll } from './poll-feed.ts'

// More than the polls of one second, because an environment caches the result of the same cursor for 1 s.
const MAX_CURSORS = 100
const IMPORT_MAX_MS = 300_000

/**
 * Measures the time from each command that writes to the first poll with the hint, in ms.
 *
 * @param since the oldest cursor to poll with; no later entry has one of these apps
 */
export async function measureDelays(
  { url, apps }: FeedStack,
  ids: readonly string[],
  since: string,
): Promise<number[]> {
  const { cursor } = await poll(url)
  const cursors = Math.min(MAX_CURSORS, entryOf(cursor) - entryOf(since))
  const delays: number[] = []
  for (const id of ids) {
    const startedAt = performance.now()
    await apps(['disable', id])
    let polls = 0
    await until(async () => {
      polls += 1
      const { changes } = await poll(url, cursorBefore(cursor, polls % cursors))
      return changes.some((change) => change.id === id)
    }, 30_000)
    delays.push(performance.now() - startedAt)
  }
  return delays
}

/** The results of an import. */
export type Import = {
  readonly 'import s': number
  /** Seconds from its end until the last app was in the feed. */
  readonly 'until all are told s': number
  readonly 'apps that were not told': number
  readonly 'entries of the change log': number
}

/** Imports this number of new apps with the command line while a consumer polls once per second. */
export async function measureImport({ url, apps }: FeedStack, count: number): Promise<Import> {
  const missing = new Set(namesOf('imported', count))
  const lines = [...missing].map((id) => JSON.stringify({ id, key: `${id}-key`, secret: `${id}-secret` }))
  const start = await poll(url)
  const startedAt = performance.now()
  const importing = apps(['import', '-'], lines.join('\n')).then(() => performance.now())
  let { cursor } = start
  let lastAt = startedAt
  while (missing.size > 0 && lastAt < startedAt + IMPORT_MAX_MS) {
    const page = await poll(url, cursor)
    cursor = page.cursor
    lastAt = performance.now()
    for (const { id } of page.changes) missing.delete(id)
    if (!page.more) await sleep(1000)
  }
  const endedAt = await importing
  return {
    'import s': (endedAt - startedAt) / 1000,
    'until all are told s': Math.max(0, lastAt - endedAt) / 1000,
    'apps that were not told': missing.size,
    'entries of the change log': entryOf(cursor) - entryOf(start.cursor),
  }
}

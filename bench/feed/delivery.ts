import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../harness/until.ts'
import { cursorBefore, entriesBetween, type Follower, poll, startFollower } from './follower.ts'
import { namesOf, type World } from './world.ts'

// More than the polls of one second, because an environment caches the result of the same cursor for 1 s.
const MAX_CURSORS = 100

/**
 * Measures the time from each command that writes to the first poll with the hint, in ms.
 *
 * @param since the oldest cursor to poll with; no later entry has one of these apps
 */
export async function measureDelays(
  { url, apps }: Pick<World, 'url' | 'apps'>,
  ids: readonly string[],
  since: string,
): Promise<number[]> {
  const { cursor } = await poll(url)
  const cursors = Math.min(MAX_CURSORS, entriesBetween(since, cursor))
  const delays: number[] = []
  for (const id of ids) {
    const startedAt = performance.now()
    await apps('disable', id)
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

/** Imports new apps with the command line while a consumer polls once per second. */
export async function measureImport(
  { url, apps }: Pick<World, 'url' | 'apps'>,
  count: number,
): Promise<Import> {
  const ids = namesOf('imported', count)
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  const file = join(folder, 'apps.jsonl')
  await writeFile(file, ids.map((id) => JSON.stringify(appOf(id))).join('\n'))
  const follower = await startFollower(url)
  const missing = () => ids.filter((id) => !follower.toldAt.has(id)).length
  const told = pollEverySecond(follower, () => missing() === 0)
  const startedAt = performance.now()
  await apps('import', file).finally(() => rm(folder, { recursive: true }))
  const endedAt = performance.now()
  await told
  return {
    'import s': (endedAt - startedAt) / 1000,
    'until all are told s': Math.max(0, Math.max(...follower.toldAt.values()) - endedAt) / 1000,
    'apps that were not told': missing(),
    'entries of the change log': follower.entries(),
  }
}

const PATIENCE_S = 300

async function pollEverySecond(follower: Follower, isDone: () => boolean): Promise<void> {
  for (let seconds = 0; seconds < PATIENCE_S && !isDone(); seconds += 1) {
    await sleep(1000)
    await follower.poll()
  }
}

const appOf = (id: string) => ({ id, key: `${id}-key`, secret: `${id}-secret` })

import { setTimeout as sleep } from 'node:timers/promises'
import { CLIENT_LIBRARIES, type LibraryClient, startLibraryClient } from '../../harness/library-clients.ts'
import { type Endpoint, httpDriver } from '../../harness/local-endpoint.ts'
import { type Misbehaviour, startRegion } from '../../harness/misbehaving-region.ts'
import { ANY_NODE } from '../../harness/nodes.ts'
import { startSoketi } from '../../harness/soketi-process.ts'
import { until } from '../../harness/until.ts'
import type { Measured } from '../rounds.ts'
import type { Build } from './builds.ts'

export type LibraryMeasure = 'back after s (median)' | 'back after s (last)' | 'never back' | 'attempts'

/** The ids of the apps; none is cached when the outage begins. */
export const APP_IDS: readonly string[] = Array.from({ length: 20 }, (_, index) => String(index + 1))

/** asyncpusher waits up to 120 s. */
const GIVE_UP_MS = 130_000

/** The variant of a library in an outage. */
export function variantOf(library: string, how: Misbehaviour, seconds: number, build: Build): string {
  return `${library}, ${how}, ${seconds} s, ${build.name}`
}

/** An outage that begins before the clients of each library and app connect for the first time. */
export async function measureLibraries(
  endpoint: Endpoint,
  build: Build,
  how: Misbehaviour,
  seconds: number,
): Promise<Measured<LibraryMeasure>> {
  const region = await startRegion(endpoint.url)
  const soketi = await startSoketi({ node: ANY_NODE, preload: build.file, env: httpDriver(region.url) })
  try {
    await region.misbehave(how)
    const clients = await Promise.all(
      CLIENT_LIBRARIES.flatMap((library) =>
        APP_IDS.map((id) =>
          startLibraryClient(library, soketi.port, { id, key: `${id}-key`, secret: `${id}-secret` }),
        ),
      ),
    )
    await until(() => clients.every(({ attempts }) => attempts.length > 0))
    await sleep(seconds * 1_000)
    const endedAt = performance.now()
    await region.recover()
    await until(() => clients.every((client) => client.hasBeenTold('connected')), GIVE_UP_MS).catch(() => {})
    return Object.fromEntries(
      CLIENT_LIBRARIES.map((library) => [
        variantOf(library, how, seconds, build),
        summarize(
          clients.filter((client) => client.library === library),
          endedAt,
        ),
      ]),
    )
  } finally {
    await soketi.kill()
    await region.close()
  }
}

function summarize(clients: readonly LibraryClient[], endedAt: number) {
  const back = clients
    .flatMap(({ told }) => told.filter(({ what }) => what === 'connected').slice(0, 1))
    .map(({ at }) => (at - endedAt) / 1_000)
    .sort((a, b) => a - b)
  const attempts = clients.map((client) => client.attempts.filter((at) => at < endedAt).length)
  return {
    ...(back.length > 0 && {
      'back after s (median)': back[Math.floor(back.length / 2)] ?? 0,
      'back after s (last)': back.at(-1) ?? 0,
    }),
    'never back': clients.length - back.length,
    attempts: attempts.reduce((sum, each) => sum + each, 0) / attempts.length,
  }
}

import { createCache as createNodeCache } from '../../adapter/lookup/cache.ts'
import type { Reply } from '../../adapter/lookup/endpoint.ts'
import { createFinder, type Remembered } from '../../adapter/lookup/finder.ts'
import { type Kind, NO_APP_ID, type Request } from '../../adapter/lookup/question.ts'
import { createRecheck } from '../../adapter/lookup/recheck.ts'
import type { Region } from '../../adapter/lookup/region.ts'
import type { Regions } from '../../adapter/lookup/regions.ts'
import { parseSettings } from '../../adapter/lookup/settings.ts'
import { createStrangers } from '../../adapter/lookup/strangers.ts'
import type { Load } from '../../bench/scale/load.ts'
import { answerBatch, answerGet, resultOf } from '../../functions/answer.ts'
import type { App } from '../../functions/app.ts'
import { createCache as createFunctionCache } from '../../functions/cache.ts'
import type { Caller } from '../../functions/caller.ts'
import { readConfig } from '../../functions/config.ts'

/** What reached the endpoint and the table, by the kind of request. */
export type Counts = { lookups: number; lookupReads: number; rechecks: number; recheckReads: number }

/** The answer of the functions to a request of the adapter's. */
type Answer = (request: Request) => Promise<Reply>

const caller: Caller = { consumer: 'soketi', scope: 'full', requestId: 'made-up', ifNoneMatch: undefined }

/** One environment of each function: the real caches and answers on a table in memory. Time is `Date`'s. */
export function createFunctions(load: Load, apps: readonly App[], counts: Counts): Answer {
  const config = { ...readConfig({}), appTtlMs: load.functionTtl * 1000 }
  const options = {
    ttlMs: config.appTtlMs,
    negativeTtlMs: load.functionMissTtl * 1000,
    maxEntries: load.functionMaxApps,
  }
  const table = {
    id: new Map(apps.map((app) => [app.id, app])),
    key: new Map(apps.map((app) => [app.key, app])),
  }
  const createFind = (kind: Kind, count: 'lookupReads' | 'recheckReads') => {
    const cache = createFunctionCache<App>(options)
    return (name: string) =>
      cache(name, async () => {
        counts[count] += 1
        return table[kind].get(name)
      })
  }
  const byId = createFind('id', 'lookupReads')
  const byKey = createFind('key', 'lookupReads')
  const inBatch = createFind('id', 'recheckReads')

  return async ({ path, headers, body }) => {
    if (body !== undefined) {
      counts.rechecks += 1
      const { apps: items }: { apps: { id: string; etag?: string }[] } = JSON.parse(body)
      const answer = answerBatch(
        await Promise.all(items.map(async ({ id, etag }) => resultOf(await inBatch(id), 'full', etag))),
      )
      return replyOf(answer)
    }
    counts.lookups += 1
    const key = /^\/apps\/by-key\/(.*)/.exec(path)?.[1]
    const found = await (key === undefined ? byId(path.slice('/apps/'.length)) : byKey(key))
    return replyOf(answerGet(found, { ...caller, ifNoneMatch: headers['if-none-match'] }, config))
  }
}

const replyOf = ({ statusCode, headers, body }: ReturnType<typeof answerBatch>): Reply => ({
  status: statusCode ?? 200,
  headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)])),
  body: body ?? '',
})

/** One soketi node: the adapter's real cache, finder and re-check; only the network between is left out. */
export function createNode(load: Load, answer: Answer) {
  const clock = () => Date.now()
  const settings = parseSettings({
    urls: 'http://localhost',
    appTtlMs: load.appTtl * 1000,
    missTtlMs: load.missTtl * 1000,
    recheckIntervalMs: load.recheckInterval * 1000,
    clock,
  })
  const times = { confirmMs: settings.appTtlMs / 2, holdMs: settings.disappearanceHoldMs }
  const cache = createNodeCache<Remembered>({ ...settings, ...times, missesMax: 1_000 })
  const underWay = new Set<Promise<unknown>>()
  const region: Region = {
    origin: NO_APP_ID,
    requests: { found: 0, 'not-found': 0, refused: 0, broken: 0, denied: 0, failed: 0 },
    breaker: {
      state: () => 'answering',
      succeeded() {},
      suspect() {},
      probeNow: async () => 'answering',
      nextVerdict: async () => true,
      nextProbeInMs: () => 0,
      close() {},
    },
    ask: async (request, read) => ({ sentAt: clock(), answer: read(await answer(request)) }),
    close() {},
  }
  const regions: Regions = {
    inUse: () => region,
    whenInUse: async () => true,
    refusal: () => ({ outcome: 'failed', reason: 'never' }),
    async ask(request, read, limits) {
      const asked = region.ask(request, read, limits.attemptTimeoutMs)
      underWay.add(asked)
      return { ...(await asked), isNearest: true }
    },
  }
  const limits = { attempts: 1, attemptTimeoutMs: 1_000, timeoutMs: 1_000 }
  const strangers = createStrangers(settings.unknownLookupsPerSecond, clock)
  return {
    find: createFinder({ ...settings, cache, regions, limits, strangers }),
    recheck: createRecheck({ cache, regions, limits, times, clock }),
    /** Ends when nothing is under way any more, refreshes in the background included. */
    async settle() {
      if (underWay.size === 0) return
      await Promise.all(underWay)
      underWay.clear()
      await new Promise(setImmediate)
    },
  }
}

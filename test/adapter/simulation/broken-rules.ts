import type { Endpoint, Fault, HttpResponse } from '../../../adapter/lookup/endpoint/endpoint.ts'
import { type AppLookupOptions, createAppLookup } from '../../../adapter/lookup/index.ts'
import type { Schedule } from './schedules.ts'
import type { Subject } from './simulated-node.ts'

type Exchange = Endpoint['exchange']
type Json = Record<string, unknown>

/**
 * A rule of the lookup that is broken from outside: by what its settings or the responses of its endpoint make it believe.
 * So it does what it would do without the rule.
 */
export type BrokenRule = {
  readonly rule: string
  readonly settings?: Partial<AppLookupOptions>
  /** Changes the exchanges of a region. */
  readonly deceive?: (exchange: Exchange) => Exchange
  /** What detects it: random seeds, or a schedule. */
  readonly foundBy: 'seeds' | Schedule
}

/** The lookup without the rule. */
export function breakRule({ settings, deceive = (exchange) => exchange }: BrokenRule): Subject {
  return {
    createAppLookup: (options) => {
      const createEndpoint: NonNullable<typeof options.ports>['createEndpoint'] = (...args) => {
        const endpoint = options.ports?.createEndpoint?.(...args)
        if (endpoint === undefined) throw new Error('only for a simulation')
        return { ...endpoint, exchange: deceive(endpoint.exchange) }
      }
      return createAppLookup({ ...options, ...settings, ports: { ...options.ports, createEndpoint } })
    },
  }
}

/** Changes the body of successful responses of a kind. */
const changes =
  (kind: 'poll' | 'batch', change: (body: Json) => Json) =>
  (exchange: Exchange): Exchange =>
  async (request, ...rest) => {
    const response = await exchange(request, ...rest)
    return request.kind === kind && 'status' in response && response.status === 200
      ? { ...response, body: JSON.stringify(change(JSON.parse(response.body))) }
      : response
  }

/** Changes each result of a batch. */
const changesResults = (change: (result: Json) => Json) =>
  changes('batch', (body) => ({ ...body, results: (body.results as Json[]).map(change) }))

/** Replaces polls that fail by an empty page: of the cursor that was sent, so that it is used again. */
const emptyPageIf =
  (isReplaced: (response: HttpResponse | Fault) => boolean) =>
  (exchange: Exchange): Exchange =>
  async (request, ...rest) => {
    const response = await exchange(request, ...rest)
    const cursor = new URL(request.path, 'https://endpoint.example').searchParams.get('since')
    if (request.kind !== 'poll' || cursor === null || !isReplaced(response)) return response
    const page = { changes: [], cursor, more: false, heartbeatAge: 0, age: 0 }
    return { status: 200, headers: {}, body: JSON.stringify(page) }
  }

/** Each page has a new heartbeat, and a cursor that has moved. */
function beatsAlways(exchange: Exchange): Exchange {
  let pages = 0
  const moved = changes('poll', (page) => {
    pages += 1
    return { ...page, cursor: `${page.cursor}~${pages}`, heartbeatAge: 0 }
  })
  return moved((request, ...rest) =>
    exchange({ ...request, path: request.path.replace(/~\d+$/, '') }, ...rest),
  )
}

/** In batches that fail, all apps are unchanged. */
function unchangedIfFailed(exchange: Exchange): Exchange {
  return async (request, ...rest) => {
    const response = await exchange(request, ...rest)
    if (request.kind !== 'batch' || !('status' in response) || response.status === 200) return response
    const { apps } = JSON.parse(request.body ?? '') as { apps: Json[] }
    const results = apps.map(() => ({ status: 304, age: 0, consistent: true }))
    return { status: 200, headers: {}, body: JSON.stringify({ results }) }
  }
}

/** Pages that arrive during a batch have no hints. */
function deafDuringReads(exchange: Exchange): Exchange {
  let batches = 0
  const heard = changes('poll', (page) => (batches > 0 ? { ...page, changes: [] } : page))(exchange)
  return async (request, ...rest) => {
    if (request.kind !== 'batch') return heard(request, ...rest)
    batches += 1
    return exchange(request, ...rest).finally(() => {
      batches -= 1
    })
  }
}

/** Every read is an eventually consistent one, and says that it was consistent. */
function neverConsistent(exchange: Exchange): Exchange {
  const says = changesResults((result) => ({ ...result, consistent: true }))(exchange)
  return (request, ...rest) => {
    const body = request.body?.replace('"consistent":true,', '')
    return says(body === undefined ? request : { ...request, body }, ...rest)
  }
}

/** The first result that an app does not exist is the result of later reads too. */
function repeatsAbsences(exchange: Exchange): Exchange {
  const absent = new Set<string>()
  return async (request, ...rest) => {
    const response = await exchange(request, ...rest)
    if (request.kind !== 'batch' || !('status' in response) || response.status !== 200) return response
    const { apps } = JSON.parse(request.body ?? '') as { apps: { id: string }[] }
    const { results } = JSON.parse(response.body) as { results: Json[] }
    const changed = results.map((result, i) => {
      const { id = '' } = apps[i] ?? {}
      if (result.status === 404) absent.add(id)
      return absent.has(id)
        ? { status: 404, code: 'app-not-found', age: 0, consistent: result.consistent }
        : result
    })
    return { ...response, body: JSON.stringify({ results: changed }) }
  }
}

const isStatus = (status: number) => (response: HttpResponse | Fault) =>
  'status' in response && response.status === status

export const BROKEN_RULES: readonly BrokenRule[] = [
  {
    rule: 'a hint ends that an app is followed, and has it read again',
    deceive: changes('poll', (page) => ({ ...page, changes: [] })),
    foundBy: 'seeds',
  },
  {
    rule: 'a hint of its hash ends that the absence of a key is followed',
    deceive: changes('poll', (page) => ({
      ...page,
      changes: (page.changes as Json[]).map((hint) => ({ ...hint, keys: ['AAAAAAAAAAA'] })),
    })),
    foundBy: 'seeds',
  },
  {
    rule: 'only the result of a consistent read is followed',
    deceive: neverConsistent,
    foundBy: 'seeds',
  },
  {
    rule: 'an app that could not be read stays in the queue',
    deceive: unchangedIfFailed,
    foundBy: 'a dead stream and a queue that gets no answer',
  },
  {
    rule: 'a deletion is accepted when a second read says so',
    deceive: repeatsAbsences,
    foundBy: 'seeds',
  },
  {
    rule: 'an app is not followed from a read during which a hint came',
    deceive: deafDuringReads,
    foundBy: 'a hint during a plain read',
  },
  {
    rule: 'another app than the cached one is not accepted from a plain read',
    deceive: changesResults((result) => ({ ...result, consistent: true })),
    foundBy: 'a plain read that is far behind',
  },
  {
    rule: 'an app is followed for 15 minutes at most',
    settings: { followedMaxMs: 24 * 3_600_000 },
    foundBy: 'a blocked shard',
  },
  {
    rule: 'a node follows while the newest heartbeat is less than 210 s old',
    deceive: beatsAlways,
    foundBy: 'a dead stream',
  },
  {
    rule: 'a node follows while its last poll is less than 30 s old',
    deceive: emptyPageIf(isStatus(503)),
    foundBy: 'polls that fail',
  },
  {
    rule: 'an expired cursor ends all that it followed',
    deceive: emptyPageIf(isStatus(410)),
    foundBy: 'a stream that was replaced',
  },
  {
    rule: 'a page with more behind it does not confirm anything',
    deceive: changes('poll', (page) => ({ ...page, more: false })),
    foundBy: 'a page with more behind it',
  },
  {
    rule: 'an age below 0 is no age',
    deceive: beatsAlways,
    foundBy: 'a heartbeat from the future',
  },
]

import type { Endpoint, Fault, HttpResponse } from '../../../adapter/lookup/endpoint/endpoint.ts'
import { type MemoryLog, unavailable } from '../world/memory-log.ts'

/** Sends a request to an endpoint. */
export type Exchange = Endpoint['exchange']
export type Json = Record<string, unknown>

/** Changes the body of successful responses of a kind. */
export const changes =
  (kind: 'poll' | 'batch', change: (body: Json) => Json) =>
  (exchange: Exchange): Exchange =>
  async (request, ...rest) => {
    const response = await exchange(request, ...rest)
    return request.kind === kind && 'status' in response && response.status === 200
      ? { ...response, body: JSON.stringify(change(JSON.parse(response.body))) }
      : response
  }

/** Changes each result of a batch. */
export const changesResults = (change: (result: Json) => Json) =>
  changes('batch', (body) => ({ ...body, results: (body.results as Json[]).map(change) }))

/** Replaces polls that fail by an empty page: of the cursor that was sent, so that it is used again. */
export const emptyPageIf =
  (isReplaced: (response: HttpResponse | Fault) => boolean) =>
  (exchange: Exchange): Exchange =>
  async (request, ...rest) => {
    const response = await exchange(request, ...rest)
    const cursor = new URL(request.path, 'https://endpoint.example').searchParams.get('since')
    if (request.kind !== 'poll' || cursor === null || !isReplaced(response)) return response
    const page = { changes: [], cursor, more: false, heartbeatAge: 0, age: 0 }
    return { status: 200, headers: {}, body: JSON.stringify(page) }
  }

/** In batches that fail, all apps are unchanged. */
export function unchangedIfFailed(exchange: Exchange): Exchange {
  return async (request, ...rest) => {
    const response = await exchange(request, ...rest)
    if (request.kind !== 'batch' || !('status' in response) || response.status === 200) return response
    const { apps } = JSON.parse(request.body ?? '') as { apps: Json[] }
    const results = apps.map(() => ({ status: 304, age: 0, consistent: true }))
    return { status: 200, headers: {}, body: JSON.stringify({ results }) }
  }
}

/** Pages that arrive during a batch have no hints. */
export function deafDuringReads(exchange: Exchange): Exchange {
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
export function neverConsistent(exchange: Exchange): Exchange {
  const says = changesResults((result) => ({ ...result, consistent: true }))(exchange)
  return (request, ...rest) => {
    const body = request.body?.replace('"consistent":true,', '')
    return says(body === undefined ? request : { ...request, body }, ...rest)
  }
}

/** The first result that an app does not exist is the result of later reads too. */
export function repeatsAbsences(exchange: Exchange): Exchange {
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

/** Each page has a cursor that has moved. */
export function movesAlways(exchange: Exchange): Exchange {
  let pages = 0
  const moved = changes('poll', (page) => {
    pages += 1
    return { ...page, cursor: `${page.cursor}~${pages}` }
  })
  return moved((request, ...rest) =>
    exchange({ ...request, path: request.path.replace(/~\d+$/, '') }, ...rest),
  )
}

/** Each page has a new heartbeat too. */
export const beatsAlways = (exchange: Exchange): Exchange =>
  movesAlways(changes('poll', (page) => ({ ...page, heartbeatAge: 0 }))(exchange))

/** No response says how long a cache has stored it. */
export function hidesAge(exchange: Exchange): Exchange {
  return async (...request) => {
    const response = await exchange(...request)
    if (!('status' in response)) return response
    const { age: _, ...headers } = response.headers
    return { ...response, headers }
  }
}

/** A read of more entries than a page has fails. */
export function readsAllOrNothing(log: MemoryLog): void {
  const { readFrom, maxRead } = log
  log.readFrom = async (seq, _, deadline) => {
    const { last } = log
    if (last !== undefined && last.seq - seq > maxRead) throw unavailable()
    return readFrom.call(log, seq, maxRead, deadline)
  }
}

/** Whether the response has this status. */
export const isStatus = (status: number) => (response: HttpResponse | Fault) =>
  'status' in response && response.status === status

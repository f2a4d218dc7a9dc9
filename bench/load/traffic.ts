import { itemOf } from '../../dev/sample-apps.ts'
import type { Item } from '../../functions/apps/item.ts'
import { TOKEN } from '../../harness/local-endpoint.ts'

/** An HTTP response, its body as text. */
export type Response = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** A request, and the expected response. */
export type Request = {
  readonly kind: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly status: number
  /** Checks the body of a response with this status. Absent if the status is enough. */
  isRight?(response: Response): boolean
}

// Three times the size of a function's cache (CACHE_MAX_APPS), so that it evicts.
const APPS = 3000
const UNKNOWN_APPS = 20_000
const BATCH = 10

/** The apps to look up, stored as in soketi's documentation. */
export const ITEMS: readonly Item[] = Array.from({ length: APPS }, (_, index) => itemOf(`app-${index}`))

/**
 * The requests of clients, in a random mixture of all kinds, each with the expected response: the app, 304 for a known
 * ETag, or 404 for an app that does not exist.
 */
export function createTraffic(): () => Request {
  const tags = new Map<string, string>()
  const mixture: readonly (readonly [number, () => Request])[] = [
    [6, byId],
    [5, byKey],
    [3, revalidation],
    [2, () => ({ ...get(`/apps/${unknownId()}`), kind: 'GET unknown', status: 404 })],
    [3, lookup],
    [1, batch],
  ]
  const kinds = mixture.flatMap(([weight, kind]) => Array<() => Request>(weight).fill(kind))
  return () => (kinds[Math.floor(Math.random() * kinds.length)] ?? byId)()

  function byId(): Request {
    const id = appId()
    const isRight = (response: Response) => {
      tags.set(id, String(response.headers.etag))
      return isApp(response, id)
    }
    return { ...get(`/apps/${id}`), kind: 'GET by id', isRight }
  }

  function revalidation(): Request {
    const id = appId()
    const tag = tags.get(id)
    if (!tag) return byId()
    return { ...get(`/apps/${id}`, { 'if-none-match': tag }), kind: 'GET with a tag', status: 304 }
  }
}

function byKey(): Request {
  const id = appId()
  return {
    ...get(`/apps/by-key/${id}-key`),
    kind: 'GET by key',
    isRight: (response) => isApp(response, id),
  }
}

function lookup(): Request {
  const id = appId()
  return { ...post({ key: `${id}-key` }), kind: 'POST lookup', isRight: (response) => isApp(response, id) }
}

function batch(): Request {
  const ids = [...Array.from({ length: BATCH - 1 }, appId), unknownId()]
  return {
    ...post({ apps: ids.map((id) => ({ id })) }),
    kind: `POST batch of ${BATCH}`,
    isRight: ({ text }) => {
      const { results }: { results: { status: number; app?: { id: string } }[] } = JSON.parse(text)
      return ids.every((id, index) =>
        id.startsWith('unknown') ? results[index]?.status === 404 : results[index]?.app?.id === id,
      )
    },
  }
}

// With the cube, half of the requests are for an eighth of the apps, because real traffic is skewed too.
const popular = (count: number) => Math.floor(count * Math.random() ** 3)
const appId = () => `app-${popular(APPS)}`
const unknownId = () => `unknown-${popular(UNKNOWN_APPS)}`

const authorization = `Bearer ${TOKEN}`

const get = (path: string, headers: Readonly<Record<string, string>> = {}) => ({
  method: 'GET' as const,
  path,
  headers: { authorization, ...headers },
  status: 200,
})

const post = (asked: object) => ({
  method: 'POST' as const,
  path: '/apps/lookup',
  headers: { authorization, 'content-type': 'application/json' },
  body: JSON.stringify(asked),
  status: 200,
})

const isApp = ({ text }: Response, id: string) => JSON.parse(text).app.id === id

import { itemOf } from '../../dev/sample-apps.ts'
import { TOKEN_PREFIX } from '../../functions/consumers.ts'
import type { Item } from '../../functions/item.ts'

/** The token that the load sends: made up, in the form of real ones. */
export const TOKEN = `${TOKEN_PREFIX}${'load'.repeat(10)}123`

/** An HTTP answer, its body as text. */
export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** A request, and what its answer must be. */
export type Question = {
  readonly kind: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly status: number
  /** Whether an answer with this status holds what was asked for; absent where the status says it all. */
  isRight?(answer: Answer): boolean
}

// Three times what a function's cache is made for (CACHE_MAX_APPS), so that it evicts.
const APPS = 3000
const UNKNOWN_APPS = 20_000
const BATCH = 10

/** The apps that are asked for, stored as soketi's documentation has them. */
export const ITEMS: readonly Item[] = Array.from({ length: APPS }, (_, index) => itemOf(`app-${index}`))

/**
 * What clients ask, one question after the other, in a random mixture of every kind. Each knows the right answer:
 * the app asked for, 304 to a tag that was given before, 404 for an app that isn't there.
 */
export function createTraffic(): () => Question {
  const tags = new Map<string, string>()

  const byId = (): Question => {
    const id = appId()
    const isRight = (answer: Answer) => {
      tags.set(id, String(answer.headers.etag))
      return isApp(answer, id)
    }
    return { ...get(`/apps/${id}`), kind: 'GET by id', isRight }
  }
  const byKey = (): Question => {
    const id = appId()
    return {
      ...get(`/apps/by-key/${id}-key`),
      kind: 'GET by key',
      isRight: (answer) => isApp(answer, id),
    }
  }
  const again = (): Question => {
    const id = appId()
    const tag = tags.get(id)
    if (!tag) return byId()
    return { ...get(`/apps/${id}`, { 'if-none-match': tag }), kind: 'GET with a tag', status: 304 }
  }
  const unknown = (): Question => ({ ...get(`/apps/${unknownId()}`), kind: 'GET unknown', status: 404 })
  const lookup = (): Question => {
    const id = appId()
    return { ...post({ key: `${id}-key` }), kind: 'POST lookup', isRight: (answer) => isApp(answer, id) }
  }
  const batch = (): Question => {
    const ids = [...Array.from({ length: BATCH - 1 }, appId), unknownId()]
    return {
      ...post({ apps: ids.map((id) => ({ id })) }),
      kind: `POST batch of ${BATCH}`,
      isRight: (answer) => areResults(answer, ids),
    }
  }

  const mixture = [
    ...[byId, byId, byId, byId, byId, byId, byKey, byKey, byKey, byKey, byKey],
    ...[again, again, again, unknown, unknown, lookup, lookup, lookup, batch],
  ]
  return () => (mixture[Math.floor(Math.random() * mixture.length)] ?? byId)()
}

// The cube gives some apps much of the load, as in life: half of it goes to an eighth of them.
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

function isApp({ text }: Answer, id: string): boolean {
  return JSON.parse(text).app.id === id
}

function areResults({ text }: Answer, ids: readonly string[]): boolean {
  const { results }: { results: readonly { status: number; app?: { id: string } }[] } = JSON.parse(text)
  return ids.every((id, index) =>
    id.startsWith('unknown') ? results[index]?.status === 404 : results[index]?.app?.id === id,
  )
}

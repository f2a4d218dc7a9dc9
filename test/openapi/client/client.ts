import createClient from 'openapi-fetch'
import type { components, paths } from './generated/api.ts'

// A client generated from openapi.yaml. It only compiles if the types match the requests and responses of the API.

export type App = components['schemas']['App']
type Lookup = components['schemas']['Lookup']
type Result = components['schemas']['Result']

export function createLookup(baseUrl: string, token: string) {
  const client = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${token}` } })

  return {
    /** The app, or null if there is none. Throws otherwise. */
    async findById(appId: string): Promise<App | null> {
      const { data, error } = await client.GET('/apps/{appId}', { params: { path: { appId } } })
      if (data) return data.app
      const code = error && 'code' in error ? error.code : 'could not know'
      if (code === 'app-not-found') return null
      throw new Error(code)
    },

    async findByKey(appKey: string): Promise<App | undefined> {
      const { data } = await client.GET('/apps/by-key/{appKey}', { params: { path: { appKey } } })
      return data?.app
    },

    async findMany(body: Lookup): Promise<readonly Result[]> {
      const { data } = await client.POST('/apps/lookup', { body })
      if (data && 'results' in data) return data.results
      throw new Error('no results')
    },

    async changesSince(since?: string): Promise<components['schemas']['Changes'] | undefined> {
      const { data } = await client.GET('/changes', {
        params: { query: since === undefined ? {} : { since } },
      })
      return data
    },
  }
}

/** The id of an app in a result of a batch, or the reason why it has none. */
export function describe(result: Result): string {
  if (result.status === 200) return result.app.id
  if (result.status === 304) return `unchanged for ${result.age} s`
  if (result.status === 404) return result.code
  return `${result.code}: ${result.detail}`
}

export const BATCH: Lookup = { apps: [{ id: 'demo' }, { key: 'demo-key', etag: '"x"' }, { id: 'nope' }] }
export const CONSISTENT: Lookup = { ...BATCH, consistent: true }

// Requests that must not compile: without an error here, the type checker reports the unused directive.
// @ts-expect-error an id must be a string
export const WRONG_ID: Lookup = { apps: [{ id: 7 }] }
// @ts-expect-error consistent must be a boolean
export const WRONG_CONSISTENT: Lookup = { id: 'demo', consistent: 'yes' }

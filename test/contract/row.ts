import type { App } from '../../functions/apps/app.ts'
import type { TOKENS } from '../support/canary.ts'
import type { WireRequest } from '../support/http.ts'
import { type Expected, own, problem } from './expected.ts'

/** A row of the HTTP contract: a request, and its response from every server. */
export type Row = WireRequest & {
  readonly title: string
  /** The file in events/ with this request, as API Gateway passes it to the function. */
  readonly event?: string
  /** The token, `full` by default. Another text is the whole header, and null sends no header. */
  readonly token?: keyof typeof TOKENS | { readonly header: string } | null
} & (
    | { /** The response of the function of the route. */ readonly answer: Expected }
    | {
        /** The response of the gateway itself, which is different for each server. */
        readonly gateway: { readonly local: Expected; readonly sam: Expected }
      }
  )

/** The sample app `demo`, as in responses. */
export const DEMO: App = {
  id: 'demo',
  key: 'demo-key',
  secret: 'demo-secret',
  enabled: true,
  maxConnections: 200,
  enableClientMessages: false,
  maxBackendEventsPerSecond: -1,
  maxClientEventsPerSecond: -1,
  maxReadRequestsPerSecond: -1,
  webhooks: [],
}

/** A sample app with only the required fields and these. */
export const app = (id: string, others: Partial<App> = {}): App => ({
  id,
  key: `${id}-key`,
  secret: `${id}-secret`,
  enabled: true,
  ...others,
})
const { secret: _, ...publicDemo } = DEMO
export const PUBLIC_DEMO = publicDemo
/** The sample app in the middle of a secret's rotation. */
export const ROTATED = app('rotated', {
  previousSecret: 'rotated-previous-secret',
  previousSecretUntil: 4_102_444_800,
  maxConnections: 200,
  webhooks: [],
})
export const PUBLIC_ROTATED = {
  id: 'rotated',
  key: 'rotated-key',
  enabled: true,
  maxConnections: 200,
  webhooks: [],
}
export const HOOK = { url: 'https://example.com/hook', event_types: ['channel_occupied'] }
export const HOOK_WITH_HEADERS = { ...HOOK, headers: { 'X-Auth': 'sample' } }
export const ODD = { id: 'böse / 👾 ?#%', key: 'clé / 🔑 ?#%', secret: 'böse / 👾 ?#%-secret', enabled: true }

export const get = (path: string): WireRequest => ({ method: 'GET', path })
export const post = (body: unknown, contentType: string | null = 'application/json'): WireRequest => ({
  method: 'POST',
  path: '/apps/lookup',
  headers: contentType === null ? {} : { 'content-type': contentType },
  body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
})
export const invalid = (detail?: RegExp) => problem(400, 'invalid-request', detail)
export const malformed = (attribute: string) =>
  problem(500, 'app-malformed', new RegExp(`attribute ${attribute} is not`))

// `sam local start-api` responds as API Gateway's REST API does.
export const NO_ROUTE = { local: own(404, 'Not Found'), sam: own(403, 'Missing Authentication Token') }
export const UNAUTHORIZED = { local: own(401, 'Unauthorized'), sam: own(401, 'Unauthorized') }
export const FORBIDDEN = {
  local: own(403, 'Forbidden'),
  sam: own(403, 'User is not authorized to access this resource'),
}

import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'

/** A response of a region. */
export type RegionResponse = {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

/** Responds in place of the endpoint. `realResponse` requests the endpoint's own response. */
export type Misbehave = (
  response: ServerResponse,
  realResponse: () => Promise<RegionResponse>,
  path: string,
) => void | Promise<void>

/** Ways for a region to misbehave while it still accepts connections. */
export const MISBEHAVIOURS = {
  'resets connections': ({ socket }) =>
    void (socket instanceof TLSSocket ? socket.destroy() : socket?.resetAndDestroy()),
  'does not answer': () => {},
  'answers after 4 s': async (response, realResponse) => {
    await sleep(4_000, undefined, { ref: false })
    send(response, await realResponse())
  },
  'answers after 0.3 s': async (response, realResponse) => {
    await sleep(300, undefined, { ref: false })
    send(response, await realResponse())
  },
  'answers 429': (response) => send(response, json(429, { message: 'Too Many Requests' })),
  'answers 500': (response) => send(response, json(500, { message: 'Internal Server Error' })),
  'answers 503 with Retry-After': (response) =>
    send(response, {
      ...json(503, { code: 'store-throttled', title: 'The store is busy' }),
      headers: { 'content-type': 'application/problem+json', 'retry-after': '1' },
    }),
  'answers an HTML 404': (response) =>
    send(response, { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not Found</h1>' }),
  "answers the gateway's 404": (response) => send(response, json(404, { message: 'Not Found' })),
  'answers broken JSON': (response) => send(response, { ...json(200, {}), body: '{"app": {"id": "de' }),
  "answers another app's item": async (response, realResponse) =>
    send(
      response,
      changeApps(await realResponse(), (app) => ({ ...app, id: 'other', key: 'other-key' })),
    ),
  'answers an app without secret': async (response, realResponse) =>
    send(
      response,
      changeApps(await realResponse(), ({ secret: _, ...rest }) => rest),
    ),
  'rejects the token': (response) => send(response, json(403, { message: 'Forbidden' })),
} satisfies Record<string, Misbehave>

/** Makes heartbeats look older, so that a dead stream is detected after 30 s instead of 210 s. */
const OLDER_BY_S = 180

const inPolls =
  (misbehave: Misbehave): Misbehave =>
  async (response, realResponse, path) =>
    path.startsWith('/changes')
      ? misbehave(response, realResponse, path)
      : send(response, await realResponse())

/** Ways for the change feed of a region to misbehave, while lookups work. */
export const FEED_MISBEHAVIOURS = {
  'has no route for changes': inPolls((response) => send(response, json(404, { message: 'Not Found' }))),
  'makes heartbeats older': inPolls(async (response, realResponse) => {
    const answer = await realResponse()
    const older = answer.body.replace(
      /"heartbeatAge":(\d+)/,
      (_, age) => `"heartbeatAge":${+age + OLDER_BY_S}`,
    )
    send(response, { ...answer, body: older })
  }),
} satisfies Record<string, Misbehave>

/** Sends this response. */
export function send(response: ServerResponse, { status, headers, body }: RegionResponse): void {
  response.writeHead(status, headers).end(body)
}

function json(status: number, body: unknown): RegionResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

type AppJson = Record<string, unknown>

function changeApps(answer: RegionResponse, change: (app: AppJson) => AppJson): RegionResponse {
  if (answer.status !== 200) return answer
  const body: { app?: AppJson; results?: { app?: AppJson }[] } = JSON.parse(answer.body)
  const changed = {
    ...(body.app && { app: change(body.app) }),
    ...(body.results && {
      results: body.results.map((each) => (each.app ? { ...each, app: change(each.app) } : each)),
    }),
  }
  return { ...answer, body: JSON.stringify(changed) }
}

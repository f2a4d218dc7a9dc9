import { isNestedWithin, isObject, type LookupHints } from '../lookup/index.ts'
import { type HttpAppManager, retryAfterSeconds } from './app-manager.ts'
import { hintsOfRequest } from './hints.ts'
import { withApp } from './signature-check.ts'
import type { HttpApp, HttpHandler, Middleware, Response, Server } from './soketi.ts'
import { TRY_AGAIN } from './waiting-room.ts'
import { wrapMethod } from './wrap-method.ts'

const DISABLED = '403 Forbidden'
const UNAVAILABLE = '503 Service Unavailable'

/**
 * Makes soketi's HTTP API answer every request with the status that it means, and tolerate callers that disconnect
 * during a lookup.
 *
 * A failed lookup is 503 with `Retry-After`, a disabled app 403. soketi's own errors have the status of their code, unless
 * `legacyErrorStatus` is set. A request can be signed with any secret of the app.
 */
export function guardHttpApi(prototype: HttpHandler, server: Server): void {
  const hintsOf = new WeakMap<Response, LookupHints>()
  wrapMethod(prototype, 'attachMiddleware', ({ self, manager, proceed }, response, steps) => {
    ignoreWritesOnceAborted(response)
    sendStatusFirst(response, manager.behaviour.legacyErrorStatus)
    const hints = hintsOfRequest(response)
    hintsOf.set(response, hints)
    return proceed(
      response,
      steps.flatMap((step) => {
        switch (step) {
          case self.appMiddleware:
            return [lookUpApp(self, manager, hints)]
          case self.broadcastEventRateLimitingMiddleware:
            return [requireEvents(self, (body) => [body]), step]
          case self.broadcastBatchEventsRateLimitingMiddleware:
            return [requireEvents(self, (body) => isObject(body) && body.batch), step]
          default:
            return [step]
        }
      }),
    )
  })

  wrapMethod(server, 'configureHttp', ({ proceed }, app) => {
    endEmptyBodies(app)
    return proceed(app)
  })

  wrapMethod(prototype, 'signatureIsValid', async ({ manager, proceed }, response) => {
    if (!response.app) return proceed(response)
    const hints = hintsOf.get(response) ?? {}
    const signer = await manager.signatures
      .signerOf('http', response.app, hints, (app) => proceed(withApp(response, app)))
      .catch(() => undefined)
    response.app = signer ?? response.app
    return signer !== undefined
  })
}

const lookUpApp =
  (handler: HttpHandler, manager: HttpAppManager, hints: LookupHints): Middleware =>
  (response, next) => {
    const appId = response.params?.appId ?? ''
    manager.findById(appId, hints).then(
      (app) => {
        if (!app) return handler.notFoundResponse(response, `The app ${appId} could not be found.`)
        if (!app.enabled)
          return handler.sendJson(response, { error: 'The app is not enabled.', code: 403 }, DISABLED)
        response.app = app
        return next(null, response)
      },
      (lookupError: unknown) => {
        manager.rejected.http += 1
        response.writeHeader('Retry-After', String(retryAfterSeconds(lookupError)))
        handler.sendJson(response, { error: TRY_AGAIN.data.message, code: 503 }, UNAVAILABLE)
      },
    )
  }

/** uWebSockets.js does not always say that an empty body has ended. */
function endEmptyBodies(app: HttpApp): void {
  const post = app.post.bind(app)
  app.post = (route, handler) =>
    post(route, (response, request) => {
      if (request.getHeader('content-length') === '0')
        response.onData = (onChunk) => onChunk(new ArrayBuffer(0), true)
      return handler(response, request)
    })
}

/** No event is nested this deep. */
const MAX_DEPTH = 500

/** soketi exits at a signed body that is not an object, and never answers one whose channels are not names. */
const requireEvents =
  (handler: HttpHandler, eventsIn: (body: unknown) => unknown): Middleware =>
  (response, next) => {
    const events = eventsIn(response.body)
    if (Array.isArray(events) && events.every(hasChannelNames) && isNestedWithin(MAX_DEPTH, response.body))
      return next(null, response)
    return handler.badResponse(response, 'The received data is incorrect')
  }

function hasChannelNames(event: unknown): boolean {
  if (!isObject(event)) return false
  const channels = event.channels || [event.channel]
  return Array.isArray(channels) && channels.every((channel) => typeof channel === 'string')
}

/**
 * Keeps what is written until the end, and then sends the status before the headers. soketi writes CORS headers first,
 * after which uWebSockets.js no longer changes the status from 200. It also writes in one piece this way: after an await,
 * each header would be a separate system call and packet.
 */
function sendStatusFirst(response: Response, legacyErrorStatus: boolean): void {
  const writeStatus = response.writeStatus.bind(response)
  const writeHeader = response.writeHeader.bind(response)
  const end = response.end.bind(response)
  const writes: (() => unknown)[] = []
  Object.assign(response, {
    writeStatus(status: string) {
      const keepsOrder = legacyErrorStatus && status !== DISABLED && status !== UNAVAILABLE
      writes[keepsOrder ? 'push' : 'unshift'](() => writeStatus(status))
      // soketi's rate limits are per second.
      return status.startsWith('429') ? response.writeHeader('Retry-After', '1') : response
    },
    writeHeader(name: string, value: string) {
      writes.push(() => writeHeader(name, value))
      return response
    },
    end: (body?: string, closeConnection?: boolean) =>
      response.cork(() => {
        for (const write of writes) write()
        end(body, closeConnection)
      }),
  } satisfies Partial<Response>)
}

/**
 * Makes every write to an aborted response do nothing: uWebSockets.js throws there, and soketi writes headers and rate
 * limits without a check. uWebSockets.js keeps only the last handler, which is soketi's, so that one is wrapped.
 */
function ignoreWritesOnceAborted(response: Response): void {
  const onAborted = response.onAborted.bind(response)
  const ignore = () => response
  response.onAborted = (handler) =>
    onAborted(() => {
      Object.assign(response, { writeStatus: ignore, writeHeader: ignore, end: ignore, cork: ignore })
      handler()
    })
}

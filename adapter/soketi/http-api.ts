import type { LookupHints } from '../lookup/index.ts'
import { type HttpAppManager, retryAfterSeconds } from './app-manager.ts'
import { hintsOfRequest } from './hints.ts'
import type { HttpHandler, Middleware, Response } from './soketi.ts'
import { wrapMethod } from './wrap-method.ts'

/**
 * Makes soketi's HTTP API report the result of a lookup, and tolerate callers that disconnect during it.
 *
 * A failed lookup is a real 503 with `Retry-After`, and a disabled app a real 403, both with CORS headers. A missing app
 * is HTTP 200 with code 404 in the body, as in soketi, because its users rely on that. The app is looked up
 * after the body has been read (uWebSockets.js hands it out only once) and before soketi writes CORS headers, after
 * which the status can't change.
 */
export function guardHttpApi(prototype: HttpHandler): void {
  const serverOf = ({ server }: HttpHandler) => server
  wrapMethod(prototype, 'attachMiddleware', serverOf, ({ self, manager, proceed }, response, steps) => {
    if (!steps.includes(self.appMiddleware)) return proceed(response, steps)
    ignoreWritesOnceAborted(response)
    const hints = hintsOfRequest(response)
    const hasBody = steps.includes(self.jsonBodyMiddleware)
    const isBatch = steps.includes(self.broadcastBatchEventsRateLimitingMiddleware)
    return proceed(
      response,
      steps.flatMap((step) => {
        if (step === self.corsMiddleware) return [lookUpApp(self, manager, hints), step]
        if (step === self.appMiddleware) return [requireApp(self)]
        return step === self.authMiddleware && hasBody ? [step, requireBody(self, isBatch)] : [step]
      }),
    )
  })
}

function lookUpApp(handler: HttpHandler, manager: HttpAppManager, hints: LookupHints): Middleware {
  return (response, next) => {
    manager.findById(response.params?.appId ?? '', hints).then(
      (app) => {
        if (app && !app.enabled) return reject(handler, response, DISABLED, {})
        if (app) response.app = app
        writeInOnePiece(response)
        next(null, response)
      },
      (error: unknown) => {
        manager.rejected.http += 1
        reject(handler, response, UNAVAILABLE, { 'Retry-After': String(retryAfterSeconds(error)) })
      },
    )
  }
}

function requireApp(handler: HttpHandler): Middleware {
  return (response, next) => {
    if (response.app) return next(null, response)
    return handler.notFoundResponse(response, `The app ${response.params?.appId} could not be found.`)
  }
}

/** soketi exits at a signed body that is not an object, or a batch that is not a list; any tenant can send that. */
function requireBody(handler: HttpHandler, isBatch: boolean): Middleware {
  return (response, next) => {
    const { body } = response
    const batch = isObject(body) ? body.batch : undefined
    const isFine = isBatch ? Array.isArray(batch) && batch.every(isObject) : isObject(body)
    return isFine ? next(null, response) : handler.badResponse(response, 'The received data is incorrect')
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

type Rejection = { readonly status: string; readonly error: string; readonly code: number }

const DISABLED: Rejection = { status: '403 Forbidden', error: 'The app is not enabled.', code: 403 }
const UNAVAILABLE: Rejection = {
  status: '503 Service Unavailable',
  error: 'The app could not be looked up. Please try again.',
  code: 503,
}

function reject(
  handler: HttpHandler,
  response: Response,
  { status, error, code }: Rejection,
  headers: Record<string, string>,
): void {
  response.cork(() => {
    response.writeStatus(status)
    handler.corsMiddleware(response, () => {})
    for (const [name, value] of Object.entries(headers)) response.writeHeader(name, value)
    response.writeHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ error, code }), true)
  })
}

/**
 * Keeps what is written until the end, and then sends it in that order. uWebSockets.js buffers what its own callbacks
 * write; after an await, each header would be a separate system call and packet.
 */
function writeInOnePiece(response: Response): void {
  const writeStatus = response.writeStatus.bind(response)
  const writeHeader = response.writeHeader.bind(response)
  const end = response.end.bind(response)
  const writes: (() => unknown)[] = []
  const keep = (write: () => unknown): Response => {
    writes.push(write)
    return response
  }
  Object.assign(response, {
    writeStatus: (status: string) => keep(() => writeStatus(status)),
    writeHeader: (name: string, value: string) => keep(() => writeHeader(name, value)),
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

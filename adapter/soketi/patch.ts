import { createAppLookup } from '../lookup/index.ts'
import { HttpAppManager } from './app-manager.ts'
import type { FoundSoketi } from './find-soketi.ts'
import { guardHttpApi } from './http-api.ts'
import { log } from './log.ts'
import { readSettings } from './settings.ts'
import type { HttpHandler, Queue, Server, SoketiAppClass, WsHandler } from './soketi.ts'
import { stopProcess } from './stop.ts'
import { superviseServer } from './supervise.ts'
import { guardWebhooks } from './webhooks.ts'
import { guardWebSockets } from './websocket.ts'

const HTTP_METHODS = [
  'attachMiddleware',
  'corsMiddleware',
  'appMiddleware',
  'authMiddleware',
  'jsonBodyMiddleware',
  'broadcastBatchEventsRateLimitingMiddleware',
  'badResponse',
  'notFoundResponse',
] as const

/** What is wrapped or called: soketi's classes by the file of `dist` that exports them, and their methods. */
const NEEDED = {
  App: ['./app', ['forWebSocket']],
  Server: ['./server', ['configureMetricsServer', 'stop']],
  WsHandler: ['./ws-handler', ['checkForValidApp', 'checkAppConnectionLimit', 'onMessage', 'onClose']],
  HttpHandler: ['./http-handler', HTTP_METHODS],
  Queue: ['./queues/queue', ['processQueue']],
} as const

type Classes = {
  readonly App: SoketiAppClass
  readonly Server: { readonly prototype: Server }
  readonly WsHandler: { readonly prototype: WsHandler }
  readonly HttpHandler: { readonly prototype: HttpHandler }
  readonly Queue: { readonly prototype: Queue }
}

type AppManagerFile = { AppManager?: new (server: Server) => object }

/**
 * Teaches a loaded soketi the driver `http`.
 *
 * Until a server with that driver starts, all that has changed is which constructor makes app managers, and
 * for other drivers it makes soketi's own. A soketi that lacks something the adapter relies on stops the
 * process then, before it listens, with one sentence.
 */
export function patchSoketi(soketi: FoundSoketi): void {
  const file = load(soketi, './app-managers/app-manager') as AppManagerFile
  if (typeof file.AppManager !== 'function') {
    if (process.env.SOKETI_APP_MANAGER_DRIVER === 'http') stopUnsupported(soketi, ['AppManager'])
    return
  }
  let classes: Classes | undefined
  file.AppManager = new Proxy(file.AppManager, {
    construct(AppManager, args: [Server], newTarget) {
      const [server] = args
      if (server.options.appManager.driver !== 'http') return Reflect.construct(AppManager, args, newTarget)
      classes ??= wrapClasses(soketi)
      return createManager(server, classes.App)
    },
  })
}

function wrapClasses(soketi: FoundSoketi): Classes {
  const missing: string[] = []
  const found: Record<string, unknown> = {}
  for (const [name, [file, methods]] of Object.entries(NEEDED)) {
    const candidate = load(soketi, file)[name]
    found[name] = candidate
    const prototype = typeof candidate === 'function' ? candidate.prototype : {}
    missing.push(
      ...methods.filter((method) => typeof prototype[method] !== 'function').map((m) => `${name}.${m}`),
    )
  }
  if (missing.length > 0) stopUnsupported(soketi, missing)

  const classes = found as Classes // checked just now, as far as it can be
  guardWebSockets(classes.WsHandler.prototype)
  guardHttpApi(classes.HttpHandler.prototype)
  guardWebhooks(classes.Queue.prototype)
  superviseServer(classes.Server.prototype, soketi.require)
  return classes
}

function createManager(server: Server, App: SoketiAppClass): HttpAppManager {
  try {
    const { lookup, ...behaviour } = readSettings(process.env, takeConfig(server))
    return new HttpAppManager(server, App, createAppLookup({ ...lookup, log }), behaviour)
  } catch (error) {
    return stopProcess(error instanceof Error ? error.message : String(error))
  }
}

/**
 * The config file's part; its token is hidden from then on, since soketi prints all options with
 * `SOKETI_DEBUG`.
 */
function takeConfig({ options }: Server): Record<string, unknown> {
  const config = options.appManager.http
  if (typeof config !== 'object' || config === null) return {}
  if ('token' in config) Object.defineProperty(config, 'token', { enumerable: false })
  return config
}

function load(soketi: FoundSoketi, file: string): Record<string, unknown> {
  try {
    const exported = soketi.require(file)
    return typeof exported === 'object' && exported !== null ? (exported as Record<string, unknown>) : {}
  } catch {
    return {} // what it should have held is reported as missing
  }
}

function stopUnsupported({ version }: FoundSoketi, missing: readonly string[]): never {
  stopProcess(`soketi ${version} is not supported, it lacks ${missing.join(', ')}; soketi 1.6 is.`)
}

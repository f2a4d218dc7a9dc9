import { createLookup, isObject, SettingsError } from '../lookup/index.ts'
import { HttpAppManager } from './app-manager.ts'
import { stopProcess } from './console-log.ts'
import type { FoundSoketi } from './find-soketi.ts'
import { guardHttpApi } from './http-api.ts'
import { checkSettings, configOf, findSettings } from './node-settings.ts'
import type { HttpHandler, PrivateChannels, Queue, Server, SoketiAppClass, WsHandler } from './soketi.ts'
import { stopIfDriverIsWrong, stopIfNodeIsTooOld } from './start-checks.ts'
import { superviseServer } from './supervise.ts'
import { guardWebhooks } from './webhooks.ts'
import { guardWebSockets } from './websocket.ts'

const HTTP_METHODS = [
  'attachMiddleware',
  'signatureIsValid',
  'appMiddleware',
  'broadcastEventRateLimitingMiddleware',
  'broadcastBatchEventsRateLimitingMiddleware',
  'badResponse',
  'notFoundResponse',
  'sendJson',
] as const

const WEBSOCKET_METHODS = [
  'checkForValidApp',
  'checkAppConnectionLimit',
  'signinTokenIsValid',
  'onMessage',
  'onClose',
] as const

/** soketi's classes that are needed, by the file of `dist` that exports them, and their methods. */
const NEEDED = {
  Adapter: ['./adapters/adapter', ['addSocket', 'removeSocket', 'getNamespace', 'getNamespaces']],
  App: ['./app', ['forWebSocket']],
  Server: ['./server', ['configureHttp', 'configureMetricsServer', 'stop']],
  WsHandler: ['./ws-handler', WEBSOCKET_METHODS],
  PrivateChannelManager: ['./channels/private-channel-manager', ['signatureIsValid']],
  HttpHandler: ['./http-handler', HTTP_METHODS],
  Queue: ['./queues/queue', ['processQueue']],
} as const

type Classes = {
  readonly App: SoketiAppClass
  readonly Server: { readonly prototype: Server }
  readonly WsHandler: { readonly prototype: WsHandler }
  readonly PrivateChannelManager: { readonly prototype: PrivateChannels }
  readonly HttpHandler: { readonly prototype: HttpHandler }
  readonly Queue: { readonly prototype: Queue }
}

type AppManagerFile = { AppManager?: new (server: Server) => object }

/**
 * Adds the driver `http` to a loaded soketi.
 *
 * Until a server with that driver starts, only the constructor of app managers is replaced, and for other drivers it
 * makes soketi's own. If a setting is wrong, Node is too old, or soketi lacks what the adapter needs, the process then
 * stops with one sentence before soketi listens.
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
      if (server.options.appManager.driver !== 'http') {
        stopIfDriverIsWrong(server)
        return Reflect.construct(AppManager, args, newTarget)
      }
      stopIfNodeIsTooOld()
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

  const classes = found as Classes // checked above
  guardWebSockets(classes.WsHandler.prototype, classes.PrivateChannelManager.prototype)
  guardHttpApi(classes.HttpHandler.prototype, classes.Server.prototype)
  guardWebhooks(classes.Queue.prototype)
  superviseServer(classes.Server.prototype, soketi.require)
  return classes
}

function createManager(server: Server, App: SoketiAppClass): HttpAppManager {
  let nameOf = (option: string) => option
  try {
    const found = findSettings(process.env, configOf(server))
    nameOf = found.nameOf
    const { lookup, behaviour } = checkSettings(found)
    return new HttpAppManager(server, App, createLookup(lookup), behaviour)
  } catch (error) {
    return stopProcess(error instanceof SettingsError ? error.messageFor(nameOf) : String(error))
  }
}

function load(soketi: FoundSoketi, file: string): Record<string, unknown> {
  try {
    const exported = soketi.require(file)
    return isObject(exported) ? exported : {}
  } catch {
    return {} // its classes are then reported as missing
  }
}

function stopUnsupported({ version }: FoundSoketi, missing: readonly string[]): never {
  stopProcess(
    `soketi ${version} is not supported, it lacks ${missing.join(', ')}; use soketi 1.4, 1.5 or 1.6.`,
  )
}

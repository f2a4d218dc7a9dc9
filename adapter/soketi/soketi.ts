/**
 * The parts of soketi that the adapter uses, as structural types. soketi has no types and is AGPL-3.0: nothing of it is
 * imported or copied. The adapter checks these methods when soketi loads.
 */

import type { App } from '../lookup/index.ts'

/** soketi's app; its limits default to the server's options. */
export type SoketiApp = Omit<App, 'maxConnections'> & {
  readonly maxConnections: number | string
  forWebSocket(): SoketiApp
}

/** soketi's `App` constructor. */
export type SoketiAppClass = new (app: App, server: Server) => SoketiApp

/** A uWebSockets.js socket with soketi's properties; `app` is present once the app is known. */
export type Socket = {
  readonly appKey: string
  /** The address of the client, or of the proxy in front of it. */
  readonly ip: string
  /** The address of the client, if a proxy tells it by the PROXY protocol; otherwise empty. */
  readonly ip2: string
  readonly id?: string
  app?: SoketiApp
  sendJson(message: unknown): void
  /** Throws once the socket is gone. */
  end(code: number): void
}

/** A uWebSockets.js response with soketi's properties; every write throws after an abort. */
export type Response = {
  readonly params?: { readonly appId?: string }
  readonly query?: Readonly<Record<string, unknown>>
  app?: SoketiApp
  body?: unknown
  onAborted(handler: () => void): unknown
  onData(handler: (chunk: ArrayBuffer, isLast: boolean) => void): unknown
  /** Both are the same as a socket's `ip` and `ip2`. */
  getRemoteAddressAsText(): ArrayBuffer
  getProxiedRemoteAddressAsText(): ArrayBuffer
  cork(write: () => void): unknown
  writeStatus(status: string): Response
  writeHeader(name: string, value: string): Response
  end(body?: string, closeConnection?: boolean): unknown
}

/** The request of a response, until its handler returns. */
export type Request = { getHeader(lowerCaseName: string): string }

/** A uWebSockets.js app, to which soketi adds the routes of its HTTP API. */
export type HttpApp = {
  post(route: string, handler: (response: Response, request: Request) => unknown): unknown
}

/** A step of a request, in the manner of the `async` package's waterfall. */
export type Middleware = (response: Response, next: (error: unknown, response: Response) => void) => unknown

/** The sockets of one app on this node, by their ids. */
export type Namespace = { readonly sockets: ReadonlyMap<string, Socket> }

/** The local half of soketi's adapter, whichever driver it has. */
export type Adapter = {
  getNamespace(appId: string): Namespace
  getNamespaces(): ReadonlyMap<string, Namespace>
  addSocket(appId: string, socket: Socket): Promise<unknown>
  removeSocket(appId: string, socketId: string): Promise<unknown>
}

/** A webhook job as soketi queues it. Its signature is that of the payload, made with the app's secret. */
export type Job = {
  readonly data: {
    readonly appKey: string
    readonly payload?: unknown
    readonly originalPusherSignature?: unknown
  }
}

/** How soketi handles a job; `done` is a function with the sync and SQS queues, something else with Redis. */
export type JobProcessor = (job: Job, done?: unknown) => unknown

/** soketi's queue, with its driver's consumers where the driver is SQS. */
export type Queue = {
  readonly server: Server
  readonly driver?: { readonly queueWithConsumer?: ReadonlyMap<string, SqsConsumer> }
  processQueue(name: string, processor: JobProcessor): Promise<unknown>
}

/** The handlers of an sqs-consumer: a message whose handler rejects stays in the queue. */
export type SqsConsumer = {
  handleMessage?: ((message: SqsMessage) => Promise<unknown>) | undefined
  handleMessageBatch?: ((messages: SqsMessage[]) => Promise<unknown>) | undefined
  on(event: 'error', listener: () => void): unknown
}

/** An SQS message that carries a job's data as JSON. */
export type SqsMessage = { readonly Body?: string }

/** soketi's handler of WebSocket events. */
export type WsHandler = {
  readonly server: Server
  checkForValidApp(socket: Socket): Promise<SoketiApp | null>
  checkAppConnectionLimit(socket: Socket): Promise<boolean>
  signinTokenIsValid(socket: Socket, userData: unknown, signature: unknown): Promise<boolean>
  onMessage(socket: Socket, message: unknown, isBinary: boolean): unknown
  onClose(socket: Socket, code: number, message: unknown): unknown
}

/** soketi's handler of private channels, which those of presence and encrypted channels inherit from. */
export type PrivateChannels = {
  readonly server: Server
  signatureIsValid(app: SoketiApp, socketId: string, message: unknown, signature: unknown): Promise<boolean>
}

/** soketi's handler of HTTP API requests. */
export type HttpHandler = {
  readonly server: Server
  readonly appMiddleware: Middleware
  readonly broadcastEventRateLimitingMiddleware: Middleware
  readonly broadcastBatchEventsRateLimitingMiddleware: Middleware
  signatureIsValid(response: Response): Promise<boolean>
  attachMiddleware(response: Response, steps: Middleware[]): Promise<Response>
  badResponse(response: Response, error: string): unknown
  notFoundResponse(response: Response, error: string): unknown
  sendJson(response: Response, data: unknown, status: string): unknown
}

/** A server, as its `options` and drivers stand once it starts. */
export type Server = {
  readonly options: {
    readonly appManager: { readonly driver: string; http?: Record<string, unknown> }
    readonly queue: { readonly driver: string }
    readonly metrics: { readonly enabled: boolean; readonly prometheus: { readonly prefix: string } }
    readonly port: number
  }
  readonly appManager?: unknown
  readonly adapter: Adapter
  readonly metricsManager?: { readonly driver?: { readonly register?: unknown } }
  readonly closing: boolean
  configureHttp(app: HttpApp): Promise<unknown>
  configureMetricsServer(app: unknown): Promise<unknown>
  stop(): Promise<unknown>
}

/** Requires a file of soketi's `dist` folder, or a package as soketi's files see it. */
export type RequireFromSoketi = (request: string) => unknown

import { randomUUID } from 'node:crypto'
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { createCache } from '../functions/apps/read-through-cache.ts'
import { type Authorization, toAuthorizerEvent, toEvent } from './gateway-event.ts'
import type { Lambda } from './lambda.ts'
import type { Stack, StackRoute } from './stack.ts'

/** What {@link createGateway} needs. */
export type GatewayOptions = {
  readonly stack: Pick<Stack, 'routes' | 'authorizer'>
  readonly lambda: (functionName: string) => Pick<Lambda, 'invoke'>
  /** Called after each response. */
  readonly onResponse?: (request: {
    method: string
    path: string
    status: number
    ms: number
    consumer: string
  }) => void
  /** Called when a function failed. The client gets a 500 without the reason. */
  readonly onError?: (error: unknown) => void
}

/** A response of the gateway itself: a JSON object with a message, as in an HTTP API. */
const own = (reply: FastifyReply, status: number, message: string) => reply.code(status).send({ message })

/**
 * A gateway for development that behaves like an HTTP API of API Gateway: the routes and the authorizer of the
 * template, payload 2.0, and the same messages in its own responses (401, 403, 404, 413, 500).
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function createGateway({ stack, lambda, onResponse, onError }: GatewayOptions): FastifyInstance {
  const server = Fastify({
    bodyLimit: 10 * 1024 * 1024,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    genReqId: () => randomUUID(),
    routerOptions: {
      maxParamLength: 16_384,
      // A path that can't be decoded (a lone "%", bytes that are not UTF-8).
      onBadUrl: (_path, _request, response) => {
        response.writeHead(400, { 'content-type': 'application/json' }).end('{"message":"Bad Request"}')
      },
    },
  })
  const consumers = new WeakMap<FastifyRequest, string>()
  const authorize = createAuthorizer(stack, lambda)

  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  server.setNotFoundHandler((_request, reply) => own(reply, 404, 'Not Found'))
  server.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    if (error.statusCode === 413) return own(reply, 413, 'Request Entity Too Large')
    if (error.statusCode !== undefined && error.statusCode < 500) return own(reply, 400, 'Bad Request')
    onError?.(error)
    return own(reply, 500, 'Internal Server Error')
  })
  server.addHook('onRequest', async (request, reply) => {
    reply.header('apigw-requestid', request.id)
    if (!isOwnHost(request.hostname)) return own(reply, 421, HOST_NOT_ALLOWED)
  })
  server.addHook('onResponse', async (request, reply) =>
    onResponse?.({
      method: request.method,
      path: request.url,
      status: reply.statusCode,
      ms: reply.elapsedTime,
      consumer: consumers.get(request) ?? '-',
    }),
  )

  const addRoute = ({ method, path, functionName }: StackRoute) =>
    server.route({
      method: method.toUpperCase(),
      url: path.replace(/\{(\w+)\}/g, ':$1'),
      handler: async (request, reply) => {
        // An HTTP API treats an empty segment as a missing parameter.
        if (Object.values(request.params as object).includes('')) return own(reply, 404, 'Not Found')
        const header = request.headers[stack.authorizer.header]
        if (typeof header !== 'string' || header === '') return own(reply, 401, 'Unauthorized')
        const authorization = await authorize(header, request, `${method} ${path}`)
        if (!authorization.isAuthorized) return own(reply, 403, 'Forbidden')
        consumers.set(request, String(authorization.context?.consumer ?? '-'))
        const event = toEvent(request, `${method} ${path}`, authorization.context)
        return send(reply, (await lambda(functionName).invoke(event)) as APIGatewayProxyStructuredResultV2)
      },
    })
  stack.routes.forEach(addRoute)
  return server
}

function send(reply: FastifyReply, result: APIGatewayProxyStructuredResultV2) {
  const { statusCode = 200, headers = {}, body = '', isBase64Encoded } = result
  for (const [name, value] of Object.entries(headers)) reply.header(name, String(value))
  // As bytes, because the server adds a charset to text.
  return reply
    .code(statusCode)
    .send(body === '' ? undefined : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'))
}

/** Authorizes a header's value. The result, including a denial, is cached for the template's TTL. */
function createAuthorizer({ authorizer }: GatewayOptions['stack'], lambda: GatewayOptions['lambda']) {
  const { functionName, ttlMs } = authorizer
  const cached = createCache<Authorization>({
    ttlMs,
    negativeTtlMs: 0,
    maxEntries: 1000,
    maxBytes: Number.POSITIVE_INFINITY,
    bytesOf: () => 0,
  })
  return async (header: string, request: FastifyRequest, routeKey: string): Promise<Authorization> => {
    const event = toAuthorizerEvent(request, routeKey, header)
    const authorize = async () => (await lambda(functionName).invoke(event)) as Authorization
    const { value } = await cached(header, authorize)
    return value ?? { isAuthorized: false }
  }
}

const HOST_NOT_ALLOWED =
  'This development server accepts requests to localhost, host.docker.internal and IP addresses only, to protect it from web pages (DNS rebinding).'

// DNS rebinding: the domain of a web page can resolve to 127.0.0.1, but the browser then sends that domain as the Host.
function isOwnHost(hostname: string): boolean {
  return (
    ['localhost', 'host.docker.internal'].includes(hostname) ||
    hostname.endsWith('.localhost') ||
    /^[\d.]+$/.test(hostname) ||
    hostname.startsWith('[')
  )
}

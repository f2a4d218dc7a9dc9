import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda'
import type { FastifyRequest } from 'fastify'

/** An authorizer's simple response. */
export type Authorization = {
  readonly isAuthorized: boolean
  readonly context?: Readonly<Record<string, unknown>>
}

/**
 * The event of an HTTP API for a request (payload 2.0): header names in lower case, path parameters decoded and cut
 * at a decoded `?`, a body in base64 unless it is text.
 */
export function toEvent(request: FastifyRequest, routeKey: string, context: Authorization['context']) {
  const { body, isBase64Encoded } = toBody(request)
  return {
    ...toRequest(request, routeKey),
    requestContext: { ...toRequestContext(request, routeKey), authorizer: { lambda: context ?? null } },
    ...(body !== undefined && { body }),
    isBase64Encoded,
  }
}

/** The event for the authorizer. `header` is the value of the header that has the token. */
export function toAuthorizerEvent(
  request: FastifyRequest,
  routeKey: string,
  header: string,
): APIGatewayRequestAuthorizerEventV2 {
  return {
    ...toRequest(request, routeKey),
    type: 'REQUEST',
    routeArn: `arn:aws:execute-api:us-east-1:123456789012:local/$default/${routeKey.replace(/ \//, '/')}`,
    identitySource: [header],
    cookies: [],
    queryStringParameters: {},
    stageVariables: {},
    requestContext: toRequestContext(request, routeKey),
  }
}

function toRequest(request: FastifyRequest, routeKey: string) {
  const { pathname = '/', search = '' } = splitUrl(request.url)
  const parameters = Object.entries(request.params as Record<string, string>)
  return {
    version: '2.0',
    routeKey,
    rawPath: pathname,
    rawQueryString: search,
    headers: toHeaders(request),
    ...(search !== '' && { queryStringParameters: toQuery(search) }),
    pathParameters: Object.fromEntries(parameters.map(([name, value]) => [name, value.split('?')[0] ?? ''])),
  }
}

function toRequestContext(request: FastifyRequest, routeKey: string) {
  const now = new Date()
  return {
    accountId: '123456789012',
    apiId: 'local',
    domainName: request.hostname,
    domainPrefix: 'local',
    http: {
      method: request.method,
      path: splitUrl(request.url).pathname,
      protocol: `HTTP/${request.raw.httpVersion}`,
      sourceIp: request.ip,
      userAgent: request.headers['user-agent'] ?? '',
    },
    requestId: request.id,
    routeKey,
    stage: '$default',
    time: now.toUTCString(),
    timeEpoch: now.getTime(),
  }
}

function splitUrl(url: string) {
  const [pathname = '/', ...search] = url.split('?')
  return { pathname, search: search.join('?') }
}

/** Repeated parameters are joined by a comma. */
function toQuery(search: string): Record<string, string> {
  const query = new URLSearchParams(search)
  return Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name).join(',')]))
}

function toHeaders(request: FastifyRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(',')]),
  )
}

function toBody({ body, headers }: FastifyRequest): { body?: string; isBase64Encoded: boolean } {
  if (!Buffer.isBuffer(body) || body.length === 0) return { isBase64Encoded: false }
  const isText = /^(text\/|application\/(json|javascript|xml))/i.test(headers['content-type'] ?? '')
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText }
}

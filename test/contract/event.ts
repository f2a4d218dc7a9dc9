import { readStack } from '../../dev/stack.ts'
import { TOKENS } from '../support/canary.ts'
import type { Row } from './row.ts'

/** The Authorization header of a row, if it has one. */
export function authorizationOf({ token = 'full' }: Row): string | undefined {
  if (token === null) return undefined
  return typeof token === 'string' ? `Bearer ${TOKENS[token]}` : token.header
}

/** The function of a row's route, and the name and value of its path parameter. */
export function routeOf({ method, path }: Row) {
  const [pathname = ''] = path.split('?')
  for (const route of readStack({}).routes) {
    const pattern = new RegExp(`^${route.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
    const match = route.method === method ? pattern.exec(pathname) : null
    if (match) {
      const parameters = Object.entries(match.groups ?? {}).map(([name, value]) => [
        name,
        decodeURIComponent(value),
      ])
      return { ...route, parameters: Object.fromEntries(parameters) as Record<string, string> }
    }
  }
  throw new Error(`No route for ${method} ${path}`)
}

/**
 * The event (payload 2.0) of API Gateway for the request of a row, after the authorizer has allowed it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function eventOf(row: Row) {
  const { method, path, headers = {}, body, token } = row
  const route = routeOf(row)
  const routeKey = `${route.method} ${route.path}`
  const [rawPath = '', rawQueryString = ''] = path.split('?')
  const query = new URLSearchParams(rawQueryString)
  const isText = /^application\/json/i.test(
    headers['content-type'] ?? headers['CONTENT-TYPE'] ?? 'application/json',
  )
  const isPublic = token === 'public'
  return {
    version: '2.0',
    routeKey,
    rawPath: decodeURIComponent(rawPath),
    rawQueryString,
    headers: {
      host: 'abcdef1234.execute-api.eu-west-1.amazonaws.com',
      'x-forwarded-proto': 'https',
      ...headers,
    },
    ...(rawQueryString && {
      queryStringParameters: Object.fromEntries(
        [...query.keys()].map((name) => [name, query.getAll(name).join(',')]),
      ),
    }),
    ...(Object.keys(route.parameters).length > 0 && { pathParameters: route.parameters }),
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcdef1234',
      authorizer: {
        lambda: { consumer: isPublic ? 'dashboard' : 'backend', scope: isPublic ? 'public' : 'full' },
      },
      domainName: 'abcdef1234.execute-api.eu-west-1.amazonaws.com',
      domainPrefix: 'abcdef1234',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'curl/8.5.0' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey,
      stage: '$default',
      time: '22/Nov/2026:12:00:00 +0000',
      timeEpoch: 1795348800000,
    },
    ...(body !== undefined && { body: isText ? String(body) : Buffer.from(body).toString('base64') }),
    isBase64Encoded: body !== undefined && !isText,
  }
}

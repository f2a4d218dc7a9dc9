import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { yamlParse } from 'yaml-cfn'
import type { WireResponse } from './http.ts'

type Content = Readonly<
  Record<
    string,
    { readonly example?: unknown; readonly examples?: Readonly<Record<string, { readonly value: unknown }>> }
  >
>
type Header = { readonly $ref?: string; readonly required?: boolean }
type Response = {
  readonly $ref?: string
  readonly content?: Content
  readonly headers?: Readonly<Record<string, Header>>
}
export type Operation = {
  readonly operationId: string
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, Response>>
}

/** openapi.yaml. */
export const OPENAPI: {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly responses: Readonly<Record<string, Response>>
    readonly headers: Readonly<Record<string, Header>>
  }
} = yamlParse(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8'))

const resolve = (header: Header): Header =>
  header.$ref ? (OPENAPI.components.headers[header.$ref.split('/').at(-1) ?? ''] ?? {}) : header

const ajv = new Ajv2020({ strict: false })
ajv.addSchema(OPENAPI, 'openapi.yaml')

/** The headers with a meaning for clients; proxies add others. */
const HEADERS = ['age', 'cache-control', 'etag', 'retry-after', 'server-timing']

/**
 * Fails unless openapi.yaml has this response for this route: the status, the headers, the media type, and a body that
 * matches the schema.
 */
export function expectDocumented(
  method: string,
  path: string,
  { status, headers, body }: WireResponse,
): void {
  const route = `${method} ${path} ${status}`
  const { $ref, ...inline } = OPENAPI.paths[path]?.[method.toLowerCase()]?.responses[status] ?? {
    $ref: 'nothing',
  }
  const response = $ref ? OPENAPI.components.responses[$ref.split('/').at(-1) ?? ''] : inline
  expect(response, `${route} is not in openapi.yaml`).toBeDefined()
  const documented = Object.entries(response?.headers ?? {})
  for (const [name, header] of documented)
    if (resolve(header).required) expect(headers, route).toHaveProperty(name.toLowerCase())
  const names = documented.map(([name]) => name.toLowerCase())
  for (const name of HEADERS) if (name in headers) expect(names, route).toContain(name)
  if (body === '') return
  const mediaType = headers['content-type']?.split(';')[0] ?? ''
  expect(Object.keys(response?.content ?? {}), route).toContain(mediaType)
  const pointer = [
    ...($ref
      ? [...$ref.split('/').slice(1)]
      : ['paths', path, method.toLowerCase(), 'responses', String(status)]),
    'content',
    mediaType,
    'schema',
  ].map((part) =>
    part.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D'),
  )
  const validate = ajv.getSchema(`openapi.yaml#/${pointer.join('/')}`)
  if (!validate) throw new Error(`openapi.yaml has no schema at ${pointer.join('/')}.`)
  expect(validate(JSON.parse(body)), `${route}: ${ajv.errorsText(validate.errors)}`).toBe(true)
}

import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { yamlParse } from 'yaml-cfn'
import type { WireAnswer } from './http.ts'

type Content = Readonly<Record<string, object>>
type Response = { readonly $ref?: string; readonly content?: Content; readonly headers?: object }
type Operation = { readonly operationId: string; readonly responses: Readonly<Record<string, Response>> }

/** openapi.yaml. */
export const OPENAPI: {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly responses: Readonly<Record<string, Response>> }
} = yamlParse(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8'))

const ajv = new Ajv2020({ strict: false })
ajv.addSchema(OPENAPI, 'openapi.yaml')

/** Fails unless openapi.yaml has this answer of this route: its status, its media type, and a body of its schema. */
export function expectDocumented(method: string, path: string, { status, headers, body }: WireAnswer): void {
  const route = `${method} ${path} ${status}`
  const { $ref, ...inline } = OPENAPI.paths[path]?.[method.toLowerCase()]?.responses[status] ?? {
    $ref: 'nothing',
  }
  const response = $ref ? OPENAPI.components.responses[$ref.split('/').at(-1) ?? ''] : inline
  expect(response, `${route} is not in openapi.yaml`).toBeDefined()
  for (const name of Object.keys(response?.headers ?? {}))
    expect(headers, route).toHaveProperty(name.toLowerCase())
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

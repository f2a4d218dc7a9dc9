import { expect, it } from 'vitest'
import { post } from '../contract/row.ts'
import { functionsOnDynamoDB } from '../support/function-on.ts'
import { has, MISBEHAVIOURS, type Misbehaviour } from '../support/misbehaving-dynamodb.ts'
import { OPENAPI } from '../support/openapi.ts'
import { captureOutput } from '../support/output.ts'

captureOutput()
const start = functionsOnDynamoDB()

const NO_SECRET = { AppId: { S: 'demo' }, AppKey: { S: 'demo-key' } }
const lookup = OPENAPI.paths['/apps/lookup']?.post?.responses ?? {}

/** The example of the problem document that openapi.yaml has for a status of POST /apps/lookup. */
function exampleOf(status: number): unknown {
  const response = lookup[status]
  const name = response?.$ref?.split('/').at(-1)
  const { content } = (name ? OPENAPI.components.responses[name] : response) ?? {}
  return (content?.['application/problem+json'] as { example?: unknown } | undefined)?.example
}

it.each<[number, Misbehaviour, ReturnType<typeof post>]>([
  [400, has(), post({})],
  [404, has(), post({ id: 'demo' })],
  [413, has(), post({ id: 'x'.repeat(65_536) })],
  [415, has(), post('id=demo', 'text/plain')],
  [500, has(NO_SECRET), post({ id: 'demo' })],
  [503, MISBEHAVIOURS['answers 500'], post({ id: 'demo' })],
])('the example of %i in openapi.yaml is what the function answers', async (status, misbehave, request) => {
  const { ask } = await start(misbehave, 'LookupApps')
  const { wire } = await ask(request)
  expect(wire.status).toBe(status)
  expect({ ...JSON.parse(wire.body), requestId: expect.any(String) }).toEqual(exampleOf(status))
})

import { UpdateTableCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LocalStack } from '../../dev/local-stack.ts'
import { findOwnDynamoDB } from '../../dev/own-dynamodb.ts'
import { run } from '../../harness/run-command.ts'
import { expectResponse, problem } from '../contract/expected.ts'
import { TOKENS } from '../support/canary.ts'
import { send } from '../support/http.ts'
import { startTestStack } from '../support/test-stack.ts'
import { createStreamedTable, type StreamedTable } from './streamed-table.ts'

const STREAM = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } as const

let table: StreamedTable
let stack: LocalStack | undefined
beforeEach(async () => {
  table = await createStreamedTable()
})
afterEach(async () => {
  await stack?.close()
  stack = undefined
  await table.close()
})

const own = (feed: boolean) =>
  findOwnDynamoDB({ endpoint: table.endpoint, table: table.tableName, region: 'us-east-1', feed })
const poll = (path: string) =>
  send(String(stack?.url), { method: 'GET', path, headers: { authorization: `Bearer ${TOKENS.full}` } })

describe('npm start on a DynamoDB Local', () => {
  it("runs a change feed from the table's stream with --feed", async () => {
    stack = await startTestStack({ own: await own(true) })
    expect(stack.feed).toBeDefined()
    const { cursor } = JSON.parse((await poll('/changes')).body)
    const options = ['--endpoint', table.endpoint, '--table', table.tableName, '--region', 'us-east-1']
    await run(['create', '--id', 'new', '--key', 'new-key', ...options])
    await vi.waitFor(async () => {
      const { changes } = JSON.parse((await poll(`/changes?since=${cursor}`)).body)
      expect(changes).toMatchObject([{ id: 'new' }])
    }, 10_000)
  })

  it('continues the change log of the last start with --feed', async () => {
    for (const _start of [1, 2]) {
      await stack?.close()
      stack = await startTestStack({ own: await own(true) })
      expect((await poll('/changes')).status).toBe(200)
    }
  })

  it('prints what to do when the stream was turned off and on', async () => {
    const errors: unknown[] = []
    stack = await startTestStack({ own: await own(true), onError: (error) => errors.push(String(error)) })
    for (const StreamSpecification of [{ StreamEnabled: false }, STREAM])
      await table.client.send(new UpdateTableCommand({ TableName: table.tableName, StreamSpecification }))
    const advice = expect.stringContaining('it has a new ARN: restart npm start.')
    await vi.waitFor(() => expect(errors).toContainEqual(advice), 100_000)
  }, 120_000)

  it('has no change feed without --feed, and writes nothing into the table', async () => {
    stack = await startTestStack({ own: await own(false) })
    expect(stack.feed).toBeUndefined()
    expectResponse(await poll('/changes'), problem(503, 'feed-unavailable'))
    const options = ['--endpoint', table.endpoint, '--table', table.tableName, '--region', 'us-east-1']
    expect(await run(['list', '--json', ...options])).toMatchObject({
      stdout: expect.stringMatching(/\[\s*\]/),
    })
  })

  it('prints with --feed how to create a missing table', async () => {
    const { endpoint } = table
    await expect(findOwnDynamoDB({ endpoint, table: 'other', feed: true })).rejects.toThrow(
      `There is no table other at ${endpoint}. Create it: npx soketi-apps table create --table other --endpoint ${endpoint}`,
    )
  })

  it('prints with --feed how to turn on a missing stream', async () => {
    const StreamSpecification = { StreamEnabled: false }
    await table.client.send(new UpdateTableCommand({ TableName: table.tableName, StreamSpecification }))
    await expect(own(true)).rejects.toThrow(/has no stream, .* aws dynamodb update-table/)
  })
})

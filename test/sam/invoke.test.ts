import { exec, execFile } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { eventOf, routeOf } from '../contract/event.ts'
import { expectResponse } from '../contract/expected.ts'
import { DEMO } from '../contract/row.ts'
import { ROWS, rowOf } from '../contract/rows.ts'
import { commandOf } from '../docs/readme.ts'
import { RECORD_EVENTS } from '../feed/record-events.ts'
import { expectNoSecret } from '../support/canary.ts'

const run = promisify(execFile)

/** `sam local invoke`, as the README has it: what the function answered. */
async function invoke(functionName: string, event: string) {
  const file = event.startsWith('/') ? event : `events/${event}`
  const args = ['local', 'invoke', functionName, '-e', file, '--config-env', 'local']
  const { stdout, stderr } = await run('sam', args)
  expectNoSecret(stderr)
  return JSON.parse(stdout)
}

describe('sam local invoke', () => {
  it('finds the sample app by the command of the README', async () => {
    const { stdout } = await promisify(exec)(commandOf('sam build && sam local invoke'))
    const answer = stdout.trim().split('\n').at(-1) ?? ''
    expect(JSON.parse(JSON.parse(answer).body)).toEqual({ app: DEMO })
  })

  const rows = ROWS.filter((row) => row.event !== undefined)

  it.each(rows)('$title, events/$event', async (row) => {
    const { statusCode, headers, body = '' } = await invoke(routeOf(row).functionName, `${row.event}.json`)
    if (!('answer' in row)) throw new Error('An event belongs to a row that a function answers.')
    expectResponse({ status: statusCode, headers, body }, row.answer)
  })

  it.each(RECORD_EVENTS)('$title, events/$event', async ({ event }) => {
    expect(await invoke('RecordChanges', `${event}.json`)).toBeNull()
  })

  it('records changes into the log of npm start, and the next poll returns them', async () => {
    const poll = async (since: string) => {
      const event = { ...eventOf(rowOf('changes-start')), ...(since && { queryStringParameters: { since } }) }
      const file = join(await mkdtemp(join(tmpdir(), 'event-')), 'poll.json')
      await writeFile(file, JSON.stringify(event))
      return JSON.parse((await invoke('FindChanges', file)).body)
    }
    const { cursor } = await poll('')
    await invoke('RecordChanges', 'record-created.json')
    expect((await poll(cursor)).changes).toMatchObject([{ id: 'demo' }])
  })

  it.each([
    ['authorize-allowed.json', { isAuthorized: true, context: { consumer: 'local', scope: 'full' } }],
    ['authorize-denied.json', { isAuthorized: false }],
  ])('%s', async (event, expected) => {
    expect(await invoke('Authorize', event)).toEqual(expected)
  })
})

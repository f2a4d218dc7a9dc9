import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authorizationOf } from '../contract/event.ts'
import { expectResponse } from '../contract/expected.ts'
import { ROWS } from '../contract/rows.ts'
import { commandOf } from '../docs/readme.ts'
import { CONSUMERS, expectNoSecret } from '../support/canary.ts'
import { send } from '../support/http.ts'

const PORT = 4100
const ORIGIN = `http://127.0.0.1:${PORT}`
// On the command line, they replace all parameters of samconfig.toml.
const PARAMETERS = `Architecture=x86_64 DynamoDbEndpoint=http://host.docker.internal:8000 Consumers=${CONSUMERS}`

let sam: ChildProcess
let log = ''

beforeAll(async () => {
  const [program = '', ...args] = commandOf('sam local start-api').split(' ')
  args.push('--port', String(PORT), '--parameter-overrides', PARAMETERS)
  sam = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [sam.stdout, sam.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (log += text))
  const ended = once(sam, 'exit').then(() => {
    throw new Error(`sam local start-api ended:\n${log}`)
  })
  const listening = async () => {
    while (!log.includes('Press CTRL+C to quit')) await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await Promise.race([listening(), ended])
})

afterAll(async () => {
  const exited = once(sam, 'exit')
  sam.kill('SIGTERM')
  // Sometimes, sam hangs while it stops its containers.
  const giveUp = setTimeout(() => sam.kill('SIGKILL'), 30_000)
  await exited
  clearTimeout(giveUp)
  expectNoSecret(log)
})

describe('the contract, over HTTP on sam local start-api', () => {
  it.each(ROWS)('$title: $method $path', async (row) => {
    const authorization = authorizationOf(row)
    const headers = { ...row.headers, ...(authorization && { authorization }) }
    const answer = await send(ORIGIN, { ...row, headers })
    expectResponse(answer, 'answer' in row ? row.answer : row.gateway.sam)
  })

  it('is handled by the functions that were built', () => {
    expect(log).toContain('FindAppById')
  })
})

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { run } from '../../harness/run-command.ts'
import { TOKENS } from '../support/canary.ts'
import { startTestStack } from '../support/test-stack.ts'
import { checkOut, commandOf, type Environment, type Example, needProgram } from './example.ts'

const checkout = checkOut()
needProgram('python3', '3.11')

const lines = ({ stdout }: Example) =>
  stdout()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
const RESET = { reset: expect.any(String) }
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** An endpoint with these responses to polls, one after the other; the last one is repeated. */
async function answering(...answers: (readonly [number, object, Record<string, string>?])[]) {
  const polls: string[] = []
  const tokens: string[] = []
  const server = createServer((request, response) => {
    const [status, body, headers] = answers[Math.min(polls.length, answers.length - 1)] ?? [500, {}]
    polls.push(request.url ?? '')
    tokens.push(request.headers.authorization ?? '')
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(async () => {
    server.closeAllConnections()
    server.close()
  })
  return {
    polls,
    tokens,
    /** Repeats this response from now on. */
    answer: (next: (typeof answers)[number]) => answers.splice(0, answers.length, next),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  }
}

const page = (cursor: string, ids: readonly string[] = [], others = {}) =>
  [
    200,
    { changes: ids.map((id) => ({ id })), cursor, more: false, heartbeatAge: 1, age: 0, ...others },
  ] as const

describe.each(['follow-changes.ts', 'follow_changes.py'])('%s', (name) => {
  const start = (url: string, environment: Environment = { LOOKUP_TOKEN: TOKENS.full }) => {
    const example = checkout.start(commandOf(name), {
      LOOKUP_URL: url,
      POLL_SECONDS: '0.05',
      ...environment,
    })
    closing.push(async () => {
      example.child.kill('SIGKILL')
      await example.exit
    })
    return example
  }

  it('prints an app that changes at the real endpoint', async () => {
    const stack = await startTestStack()
    closing.push(() => stack.close())
    const example = start(stack.url)
    await expect.poll(() => lines(example)).toEqual([RESET])
    await run(['disable', 'demo', '--endpoint', String(stack.dynamodb?.endpoint), '--region', 'us-east-1'])
    await expect.poll(() => lines(example)).toEqual([RESET, { changed: 'demo' }])
  })

  it('polls again at once while there are more changes, and reports when changes may not arrive', async () => {
    const { url, polls } = await answering(
      page('A.1'),
      page('A.2', ['a', 'b'], { more: true }),
      page('A.3', ['c'], { heartbeatAge: 210 }),
      page('A.3'),
    )
    const example = start(url)
    await expect.poll(() => lines(example)).toHaveLength(6)
    expect(lines(example)).toEqual([
      RESET,
      ...['a', 'b', 'c'].map((id) => ({ changed: id })),
      { stale: true },
      { stale: false },
    ])
    expect(polls.slice(0, 4)).toEqual([
      '/changes',
      ...['A.1', 'A.2', 'A.3'].map((at) => `/changes?since=${at}`),
    ])
  })

  it('starts again after 410, and keeps its cursor after every other error', async () => {
    const { url, polls } = await answering(
      page('A.1'),
      [503, { code: 'store-unavailable' }, { 'retry-after': '0' }],
      page('A.2', ['a']),
      [410, { code: 'cursor-expired' }],
      page('B.9'),
    )
    const example = start(url)
    await expect.poll(() => lines(example)).toEqual([RESET, { changed: 'a' }, RESET])
    expect(polls.slice(0, 5)).toEqual([
      '/changes',
      '/changes?since=A.1',
      '/changes?since=A.1',
      '/changes?since=A.2',
      '/changes',
    ])
    expect(example.stderr()).toContain('503 store-unavailable')
  })

  it('prints stale after polls have failed for too long, until one succeeds', async () => {
    const { url, polls, answer } = await answering(page('A.1'), [502, []])
    const example = start(url, { LOOKUP_TOKEN: TOKENS.full, SILENCE_SECONDS: '0.2' })
    await expect.poll(() => lines(example)).toEqual([RESET, { stale: true }])
    await expect.poll(() => polls.length).toBeGreaterThan(2)
    answer(page('A.2', ['a']))
    const all = [RESET, { stale: true }, { changed: 'a' }, { stale: false }]
    await expect.poll(() => lines(example).slice(0, 4)).toEqual(all)
    expect(polls.slice(1, 3)).toEqual(['/changes?since=A.1', '/changes?since=A.1'])
  })

  it('reads its token from a file, and accepts a URL that ends in a slash', async () => {
    const { url, polls, tokens } = await answering(page('A.1'))
    const file = checkout.file(`token-${name}`, `${TOKENS.full}\n`)
    const example = start(`${url}/lookup/`, { LOOKUP_TOKEN_FILE: file })
    await expect.poll(() => lines(example)).toEqual([RESET])
    expect(polls[0]).toBe('/lookup/changes')
    expect(tokens[0]).toBe(`Bearer ${TOKENS.full}`)
  })

  it('waits for Retry-After if the stack has no feed', async () => {
    const { url, polls } = await answering([503, { code: 'feed-unavailable' }, { 'retry-after': '60' }])
    const example = start(url)
    await expect.poll(() => example.stderr()).toContain('feed-unavailable')
    expect(polls).toEqual(['/changes'])
    expect(lines(example)).toEqual([])
  })

  it('does not print an invalid token', async () => {
    const { url } = await answering(page('A.1'))
    const example = start(url, { LOOKUP_TOKEN: 'not a\ntoken' })
    await expect.poll(() => example.stderr()).not.toBe('')
    expect(example.stderr()).not.toMatch(/not a|token/)
  })

  it('sends the token over https only', async () => {
    const example = start('http://lookup.example')
    expect(await example.exit).not.toBe(0)
    expect(example.stderr()).toContain('https only')
  })
})

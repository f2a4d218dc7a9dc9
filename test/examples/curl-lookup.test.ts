import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { TOKENS } from '../support/canary.ts'
import { checkOut, commandOf, needProgram, startEndpoint } from './example.ts'

const checkout = checkOut()
const [script = '', ...sampleArgs] = commandOf('lookup.sh').split(' ')
let endpoint: Awaited<ReturnType<typeof startEndpoint>>
beforeAll(async () => {
  needProgram('curl', '7.66')
  endpoint = await startEndpoint()
})
beforeEach(async () => {
  await endpoint.region.recover()
  endpoint.region.requests.length = 0
})
afterAll(() => endpoint.close())

const start = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  checkout.start([script, ...args], {
    LOOKUP_URL: endpoint.region.url,
    LOOKUP_TOKEN: TOKENS.full,
    ...environment,
  })

async function lookUp(...given: Parameters<typeof start>) {
  const example = start(...given)
  return { status: await example.exit, stdout: example.stdout(), stderr: example.stderr() }
}

it('prints the app, found by id or by key', async () => {
  const [byId, byKey] = await Promise.all([lookUp(sampleArgs), lookUp(['key', 'demo-key'])])
  expect(byId).toMatchObject({ status: 0, stderr: '' })
  expect(JSON.parse(byId.stdout)).toMatchObject({ app: { id: 'demo', secret: 'demo-secret', enabled: true } })
  expect(byKey).toEqual(byId)
})

it('reads the token from a file, and prints no secret with a token of scope public', async () => {
  const LOOKUP_TOKEN_FILE = checkout.file('public-token', `${TOKENS.public}\n`)
  const { status, stdout } = await lookUp(['id', 'disabled'], { LOOKUP_TOKEN: '', LOOKUP_TOKEN_FILE })
  expect(status).toBe(0)
  expect(JSON.parse(stdout).app).toMatchObject({ id: 'disabled', enabled: false })
  expect(stdout).not.toContain('secret')
})

it.each([
  ['id', 'böse / 👾 ?#%', 0, ''],
  ['id', 'nope', 1, 'the app does not exist'],
  ['key', 'demo', 1, 'the app does not exist'],
  ['id', 'a "quoted" \\ name', 1, 'the app does not exist'],
  ['id', '', 2, '1 to 2,048 bytes'],
  ['id', 'two\nlines', 2, '1 to 2,048 bytes'],
  ['name', 'demo', 2, 'usage'],
] as const)('by %s, %j: status %i', async (kind, name, status, stderr) => {
  const ended = await lookUp([kind, name])
  expect(ended).toMatchObject({ status, stderr: expect.stringContaining(stderr) })
  expect(ended.stdout === '').toBe(status !== 0)
})

it.each([
  ['http://lookup.example', 'https'],
  ['http://localhost.example', 'https'],
  ['', 'https'],
])('sends no token to %j', async (LOOKUP_URL, stderr) => {
  expect(await lookUp(sampleArgs, { LOOKUP_URL })).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(stderr),
  })
})

it('has its own exit status for a rejected token, and rejects a missing or malformed one', async () => {
  expect(await lookUp(sampleArgs, { LOOKUP_TOKEN: TOKENS.revoked })).toMatchObject({ status: 4, stdout: '' })
  expect(await lookUp(sampleArgs, { LOOKUP_TOKEN: '' })).toMatchObject({ status: 2, stdout: '' })
  const malformed = await lookUp(sampleArgs, { LOOKUP_TOKEN: 'a"\nb' })
  expect(malformed).toMatchObject({ status: 2, stderr: expect.not.stringContaining('a"') })
})

it.each([
  ['refuses connections', 'does not respond'],
  ["answers the gateway's 404", 'not from a lookup endpoint'],
  ['answers an HTML 404', 'not from a lookup endpoint'],
] as const)('reports a failed lookup when the endpoint %s', async (how, stderr) => {
  await endpoint.region.misbehave(how)
  const ended = await lookUp(['id', 'nope'])
  expect(ended).toMatchObject({ status: 3, stdout: '', stderr: expect.stringContaining(stderr) })
})

it('waits for Retry-After, and its processes never show the token', async () => {
  await endpoint.region.misbehave('answers 503 with Retry-After')
  const example = start(sampleArgs)
  await expect.poll(() => endpoint.region.requests.length).toBe(1)
  await endpoint.region.recover()
  const processes = commandsBelow(example.child.pid)
  expect(processes).toContain('--retry-max-time')
  expect(processes).not.toContain(TOKENS.full)

  expect(await example.exit).toBe(0)
  expect(JSON.parse(example.stdout())).toMatchObject({ app: { id: 'demo' } })
  expect(endpoint.region.requests).toHaveLength(2)
})

/** The command lines of a process's descendants: those of other tests may have the token of the tests. */
function commandsBelow(pid: number | undefined): string {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n')
  const rows = lines.map((line) => /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [])
  const below = (parent: string): string[] =>
    rows.flatMap(([, child = '', ppid, command = '']) => (ppid === parent ? [command, ...below(child)] : []))
  return below(String(pid)).join('\n')
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeApp } from '../../cli/app/encode-app.ts'
import { json, type Ran, run } from '../../harness/run-command.ts'
import { type Fate, startFaultyDynamoDB } from './faulty-dynamodb.ts'
import { showApp, startTable, type TestTable } from './test-table.ts'

const DAY = 24 * 3600
const now = () => Date.now() / 1000
const OLD = 'the-old-secret-of-the-app'

let table: TestTable
beforeAll(async () => {
  const apps = ['plain', 'hurried', 'entered', 'again', 'ending', 'raced', 'lost', 'same'].map((id) =>
    encodeApp({ id, key: `${id}-key`, secret: OLD, enabled: true }),
  )
  const after = { PreviousAppSecret: { S: OLD }, PreviousAppSecretUntil: { N: '1' } }
  table = await startTable([
    ...apps,
    ...['after', 'over'].map((id) => ({
      ...encodeApp({ id, key: `${id}-key`, secret: 'current', enabled: true }),
      ...after,
    })),
    { AppId: { S: 'no-secret' }, AppKey: { S: 'no-secret-key' }, Enabled: { S: 'maybe' } },
  ])
})
afterAll(() => table.close())

const rotate = (...args: string[]) => table.on('rotate-secret', ...args, '--json')
const rotateAt = (endpoint: string, id: string) =>
  run(['rotate-secret', id, '--json', ...table.options, '--endpoint', endpoint])
const onTerminal = (keys: string, ...args: string[]) =>
  run(['rotate-secret', ...args, ...table.options], { keys })
const secretsOf = async (id: string) => {
  const { secret, previousSecret, previousSecretUntil } = await showApp(table, id)
  return { secret, previousSecret, previousSecretUntil }
}
const expectUnchanged = async (ran: Ran, code: number, message: RegExp, id: string) => {
  expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) })
  expect(await secretsOf(id)).toEqual({ secret: OLD })
}

describe('rotate-secret', () => {
  it('keeps the old secret for a day, and prints only the new one', async () => {
    const before = await showApp(table, 'plain')
    const ran = await rotate('plain')
    const { secret, previousSecretUntil, ...rest } = json(ran)
    expect(rest).toEqual({ id: 'plain', waitSeconds: { following: 10, notFollowing: 70 } })
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    expect(Math.abs(Number(previousSecretUntil) - now() - DAY)).toBeLessThan(60)
    expect(await showApp(table, 'plain')).toEqual({
      ...before,
      secret,
      previousSecret: OLD,
      previousSecretUntil,
    })
    expect(ran.stderr).toMatch(/wait until every node has it: 10 s/)
    expect(ran.stdout + ran.stderr).not.toContain(OLD)
  })

  it.each(['30m', '48h', '7d', '30d'])('keeps the old secret for %s', async (overlap) => {
    const seconds = Number.parseInt(overlap, 10) * { m: 60, h: 3600, d: DAY }[overlap.slice(-1) as 'm']
    const { previousSecretUntil } = json(await rotate('again', '--overlap', overlap, '--yes'))
    expect(Math.abs(Number(previousSecretUntil) - now() - seconds)).toBeLessThan(60)
  })

  it.each([
    ['--overlap', '31d'],
    ['--overlap', '0h'],
    ['--overlap', '1.5h'],
    ['--overlap', 'tomorrow'],
    ['--now', '--overlap', '1h'],
    ['--now', '--end'],
    ['--end', '--ask-secret'],
  ])('rejects %s %s', async (...options) => {
    expect(await table.on('rotate-secret', 'same', ...options)).toMatchObject({ code: 2, stdout: '' })
  })

  it('reads the new secret from a pipe, and does not print it', async () => {
    const args = ['rotate-secret', 'entered', '--ask-secret', ...table.options]
    const ran = await run(args, { stdin: 'a-secret-that-receivers-have\n' })
    expect(ran.code).toBe(0)
    expect(await secretsOf('entered')).toMatchObject({
      secret: 'a-secret-that-receivers-have',
      previousSecret: OLD,
    })
    expect(ran.stdout + ran.stderr).not.toContain('receivers-have')
    const same = await run(['rotate-secret', 'same', '--ask-secret', ...table.options], { stdin: OLD })
    await expectUnchanged(same, 1, /has this secret already/, 'same')
  })

  it('ends the old secret with --now, after asking', async () => {
    await expectUnchanged(await onTerminal('n', 'hurried', '--now'), 1, /Nothing was changed/, 'hurried')
    await expectUnchanged(await rotate('hurried', '--now'), 2, /--yes/, 'hurried')
    const { secret, previousSecretUntil } = json(await rotate('hurried', '--now', '--yes'))
    expect(previousSecretUntil).toBeUndefined()
    expect(await secretsOf('hurried')).toEqual({ secret })
    expect((await onTerminal('y', 'hurried', '--now')).code).toBe(0)
  })

  it('asks before another rotation ends a secret that is still valid', async () => {
    const { secret } = json(await rotate('ending'))
    const asked = await onTerminal('n', 'ending')
    expect(asked).toMatchObject({ code: 1, stderr: expect.stringMatching(/is valid until .* Another/) })
    expect(await secretsOf('ending')).toMatchObject({ secret, previousSecret: OLD })
    expect((await onTerminal('y', 'ending')).code).toBe(0)
    expect(await secretsOf('ending')).toMatchObject({ previousSecret: secret })
  })

  it('ends a secret that is still valid with --end, after asking', async () => {
    const { secret } = await secretsOf('ending')
    expect((await rotate('ending', '--end')).code).toBe(2)
    expect(await secretsOf('ending')).toHaveProperty('previousSecret', expect.any(String))
    expect((await onTerminal('y', 'ending', '--end')).code).toBe(0)
    expect(await secretsOf('ending')).toEqual({ secret })
    expect(json(await rotate('ending', '--end'))).toMatchObject({ id: 'ending', ended: false })
    expect(json(await rotate('over', '--end'))).toMatchObject({ id: 'over', ended: true })
  })

  it('asks nothing when the old secret is over', async () => {
    const { secret } = json(await rotate('after'))
    expect(await secretsOf('after')).toMatchObject({ secret, previousSecret: 'current' })
  })

  it('gives a secret to an app without one, even if its item is malformed', async () => {
    const ran = await rotate('no-secret')
    expect(ran.code).toBe(0)
    expect(json(ran)).not.toHaveProperty('previousSecretUntil')
    expect((await table.on('update', 'no-secret', '--enabled')).code).toBe(0)
    expect(await secretsOf('no-secret')).toEqual({ secret: json(ran).secret })
  })

  it('does not overwrite a rotation that is faster', async () => {
    let faster = ''
    const faulty = await startFaultyDynamoDB(table.endpoint, async (operation): Promise<Fate> => {
      if (operation === 'UpdateItem') faster = String(json(await rotate('raced')).secret)
      return 'pass'
    })
    const ran = await rotateAt(faulty.endpoint, 'raced')
    await faulty.close()
    expect(ran).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/was changed meanwhile/) })
    expect(await secretsOf('raced')).toMatchObject({ secret: faster, previousSecret: OLD })
  })

  it('prints the secret that it wrote when the first response was lost', async () => {
    let lost = 0
    const faulty = await startFaultyDynamoDB(table.endpoint, (operation): Fate => {
      return operation === 'UpdateItem' && lost++ === 0 ? 'lose-answer' : 'pass'
    })
    const { secret } = json(await rotateAt(faulty.endpoint, 'lost'))
    await faulty.close()
    expect(lost).toBe(2)
    expect(await secretsOf('lost')).toMatchObject({ secret, previousSecret: OLD })
  })
})

describe('show', () => {
  it('says until when the old secret is valid, and hides it without --secret', async () => {
    const [plain, asked] = [await table.on('show', 'plain'), await table.on('show', 'plain', '--secret')]
    const valid = /previous secret +hidden.*\n +valid until \d{4}-\d\d-\d\dT[\d:]{8}Z\n/
    expect(plain.stdout).toMatch(valid)
    expect(plain.stdout).not.toContain(OLD)
    expect(asked.stdout).toMatch(new RegExp(`previous secret +${OLD}`))
    const { app } = json<{ app: object }>(await table.on('show', 'plain', '--json'))
    expect(app).toMatchObject({ previousSecretUntil: expect.any(Number) })
    expect(app).not.toHaveProperty('previousSecret')
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashToken, identify, MAX_CONSUMERS, parseConsumers } from '../../functions/access/consumers.ts'
import { CONSUMERS, TOKENS } from '../support/canary.ts'
import { CONTEXT, loadHandler } from '../support/load-handler.ts'
import { captureOutput } from '../support/output.ts'

const output = captureOutput()
const EVENTS = new URL('../../events/', import.meta.url)
const eventOf = (authorization: string) => ({
  version: '2.0',
  type: 'REQUEST',
  identitySource: [authorization],
})
const logged = () => output.records().filter(({ level }) => level)
const counted = () => output.records().filter((record) => '_aws' in record)
const authorize = async (authorization: string, list = CONSUMERS) =>
  (await loadHandler('Authorize', { CONSUMERS: list }))(eventOf(authorization), CONTEXT)

describe('the authorizer', () => {
  it("knows a token's consumer and scope", async () => {
    expect(await authorize(`Bearer ${TOKENS.full}`)).toEqual({
      isAuthorized: true,
      context: { consumer: 'backend', scope: 'full' },
    })
    expect(await authorize(`bearer  ${TOKENS.public}`)).toEqual({
      isAuthorized: true,
      context: { consumer: 'dashboard', scope: 'public' },
    })
    expect(counted()).toEqual([
      expect.objectContaining({ consumer: 'backend', Allowed: [1] }),
      expect.objectContaining({ consumer: 'dashboard', Allowed: [1] }),
    ])
    output.expectNoSecret()
  })

  it.each([
    '',
    'Bearer',
    'Bearer ',
    TOKENS.full,
    `Basic ${TOKENS.full}`,
    `Bearer ${TOKENS.full}x`,
    `Bearer x ${TOKENS.full}`,
    `Bearer ${TOKENS.revoked}`,
  ])('denies "%s"', async (authorization) => {
    expect(await authorize(authorization)).toEqual({ isAuthorized: false })
    expect(counted()).toEqual([expect.objectContaining({ consumer: 'unknown', Denied: [1] })])
    output.expectNoSecret()
  })

  it('accepts the old and the new token of a consumer while both are listed', async () => {
    const list = `${CONSUMERS},backend:full:${hashToken(TOKENS.revoked)}`
    for (const token of [TOKENS.full, TOKENS.revoked])
      expect(await authorize(`Bearer ${token}`, list)).toMatchObject({ isAuthorized: true })
  })

  it.each([
    ['an entry without a hash', `${CONSUMERS},broken`, 'Entry 3'],
    ['a token in place of its hash', `backend:full:${TOKENS.full}`, 'Entry 1'],
    ['an unknown scope', CONSUMERS.replace('public', 'admin'), 'Entry 2'],
    [
      'too many entries',
      Array(MAX_CONSUMERS + 1)
        .fill(CONSUMERS.split(',')[0])
        .join(','),
      '41 entries',
    ],
  ])(
    'denies every token for a list with %s, logs that once, and counts each denial',
    async (_what, list, says) => {
      const handler = await loadHandler('Authorize', { CONSUMERS: list })
      for (const token of [TOKENS.full, TOKENS.public])
        expect(await handler(eventOf(`Bearer ${token}`), CONTEXT)).toEqual({ isAuthorized: false })
      expect(logged()).toEqual([
        expect.objectContaining({ level: 'ERROR', message: expect.stringContaining(says) }),
      ])
      expect(counted()).toEqual(
        Array(2).fill(expect.objectContaining({ Denied: [1], ConsumersInvalid: [1] })),
      )
      output.expectNoSecret()
    },
  )

  it('denies every token for an empty list, and logs that', async () => {
    expect(await authorize(`Bearer ${TOKENS.full}`, '')).toEqual({ isAuthorized: false })
    expect(logged()).toEqual([expect.objectContaining({ level: 'WARN' })])
    expect(counted()).toEqual([expect.not.objectContaining({ ConsumersInvalid: expect.anything() })])
  })

  it('responds to its events, with the token in samconfig.toml for sam local', async () => {
    const [, list = ''] = /Consumers=([^\s"]+)/.exec(readFileSync('samconfig.toml', 'utf8')) ?? []
    const handler = await loadHandler('Authorize', { CONSUMERS: list })
    const files = readdirSync(EVENTS).filter((file) => file.startsWith('authorize-'))
    expect(files.sort()).toEqual(['authorize-allowed.json', 'authorize-denied.json'])
    for (const file of files) {
      const event = JSON.parse(readFileSync(new URL(file, EVENTS), 'utf8'))
      expect(await handler(event, CONTEXT)).toMatchObject({ isAuthorized: file === 'authorize-allowed.json' })
    }
  })
})

describe('parseConsumers', () => {
  const entry = fc.record({
    consumer: fc.stringMatching(/^[A-Za-z0-9._-]{1,40}$/),
    scope: fc.constantFrom('full', 'public'),
    token: fc.string({ minLength: 1 }),
  })

  it('parses every valid entry', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: MAX_CONSUMERS }), (entries) => {
        const list = entries
          .map(({ consumer, scope, token }) => `${consumer}:${scope}:${hashToken(token)}`)
          .join(' , ')
        expect(parseConsumers(list)).toMatchObject(
          entries.map(({ consumer, scope }) => ({ consumer, scope })),
        )
      }),
    )
  })

  it('rejects any other text without repeating it', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((text) => text.trim() !== ''),
        (text) => {
          expect(() => parseConsumers(`${text}:secret-part`)).toThrow(/^(Entry \d+ of|The list of) .*$/)
          expect(() => parseConsumers(`${text}:secret-part`)).not.toThrow(/secret-part/)
        },
      ),
    )
  })
})

describe('identify', () => {
  it('identifies a consumer only by its own token', () => {
    const consumers = parseConsumers(CONSUMERS)
    fc.assert(
      fc.property(fc.string(), (token) => {
        fc.pre(token !== TOKENS.full && token !== TOKENS.public)
        expect(identify(`Bearer ${token}`, consumers)).toBeUndefined()
      }),
    )
    expect(identify(undefined, consumers)).toBeUndefined()
  })
})

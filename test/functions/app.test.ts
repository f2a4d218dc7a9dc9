import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { viewApp, type Webhook } from '../../functions/apps/app.ts'
import { DEMO } from '../contract/row.ts'

const publicView = (...webhooks: Webhook[]) => viewApp({ ...DEMO, webhooks }, 'public')
const CANARY = 'canary-credential'

describe('an app in public', () => {
  it('has no secret, and its webhooks have only known fields', () => {
    const webhook = {
      url: 'https://example.com/hook',
      lambda_function: 'a-function',
      event_types: ['channel_occupied'],
      filter: { channel_name_starts_with: 'a', channel_name_ends_with: 'z' },
    }
    const { secret: _, ...rest } = DEMO
    const rotated = { ...DEMO, previousSecret: CANARY, previousSecretUntil: 1, webhooks: [webhook] }
    expect(viewApp(rotated, 'public')).toEqual({ ...rest, webhooks: [webhook] })
  })

  it.each([
    ['https://user:password@example.com/hook', 'https://example.com/hook'],
    ['https://token@example.com/hook', 'https://example.com/hook'],
    ['http://example.com:8080/hook?token=x#y', 'http://example.com:8080/hook'],
    ['data:text/plain,secret', undefined],
    ['not a url', undefined],
    [7, undefined],
  ])('shows the URL %s as %s', (url, shown) => {
    expect(publicView({ event_types: [], url }).webhooks?.[0]?.url).toBe(shown)
  })

  it('has no credential of a webhook, in whichever field it is', () => {
    const name = fc.oneof(
      fc.string(),
      fc.constantFrom('headers', 'Headers', 'auth', 'secret', 'lambda', 'token', 'URL', '__proto__'),
    )
    const value = fc.constantFrom(CANARY, { a: CANARY }, [CANARY])
    const fields = fc.dictionary(
      name.filter((n) => !['url', 'lambda_function', 'event_types'].includes(n)),
      value,
    )
    const url = fc.constantFrom(
      `https://${CANARY}@a.b/`,
      `https://a:${CANARY}@a.b`,
      `https://a.b/?${CANARY}`,
      `https://a.b/#${CANARY}`,
    )
    fc.assert(
      fc.property(fields, url, fields, (webhook, url, filter) => {
        expect(JSON.stringify(publicView({ ...webhook, url, filter, event_types: [] }))).not.toContain(CANARY)
      }),
    )
  })

  it('is not changed for a consumer of scope full', () => {
    const app = { ...DEMO, webhooks: [{ event_types: [], url: 7, auth: CANARY }] }
    expect(viewApp(app, 'full')).toBe(app)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeApp } from '../../cli/app/encode-app.ts'
import { findingsOfItem } from '../../cli/app/findings.ts'
import { checkItems } from '../../cli/commands/check-command.ts'
import { SAMPLE_APPS } from '../../dev/sample-apps.ts'
import type { Item } from '../../functions/apps/item.ts'
import { expectNoSecret } from '../support/canary.ts'
import { anyApp } from './any-app.ts'

const SOUND = encodeApp({ id: 'sound', key: 'sound-key', secret: 's'.repeat(32), enabled: true })
const N = (number: number) => ({ N: String(number) })
const S = (text: string) => ({ S: text })
const B = (text: string) => ({ B: Buffer.from(text) })
const DAY = 24 * 3600
const now = () => Math.floor(Date.now() / 1000)
const hook = (webhook: object) => S(JSON.stringify([{ event_types: ['channel_occupied'], ...webhook }]))

describe('check', () => {
  it('finds nothing in an app with valid values', () => {
    const item = {
      ...SOUND,
      MaxConnections: N(-1),
      MaxBackendEventsPerSecond: N(-1),
      PreviousAppSecret: S('p'.repeat(32)),
      PreviousAppSecretUntil: N(now() + DAY),
      MaxEventPayloadInKb: N(0.5),
      MaxEventBatchSize: N(1e20),
      MaxClientEventsPerSecond: S(' 5 '),
      enabled: { NULL: true as const },
      EnableClientMessages: B('false'),
      Webhooks: hook({ url: 'https://example.com' }),
    }
    expect(findingsOfItem(item)).toEqual([])
  })

  it.each<[string, Item, 'error' | 'warning', RegExp]>([
    ['connections 0', { MaxConnections: N(0) }, 'warning', /MaxConnections is 0, .* unlimited/],
    [
      'connections below -1',
      { MaxConnections: N(-2) },
      'warning',
      /MaxConnections is negative, .* unlimited/,
    ],
    ['a rate of 0', { MaxReadRequestsPerSecond: N(0) }, 'warning', /is 0, .* allows nothing/],
    ['a rate below -1', { MaxBackendEventsPerSecond: N(-5) }, 'warning', /is negative, .* unlimited/],
    ['a limit of -1', { MaxEventPayloadInKb: N(-1) }, 'error', /is negative, .* rejects everything/],
    ['a limit of 0', { MaxEventBatchSize: S('0') }, 'warning', /is 0, .* rejects everything/],
    ['off in binary', { Enabled: B('false') }, 'warning', /lookup reads as no .* driver as yes/],
    ['off in text', { EnableClientMessages: S('0') }, 'warning', /lookup reads as no .* driver as yes/],
    [
      "the AWS CLI's binary",
      { EnableClientMessages: { B: Buffer.from('true', 'base64') } },
      'warning',
      /lookup reads as yes .* driver as no/,
    ],
    ['a key in no URL', { AppKey: S('a key') }, 'warning', /AppKey can't be part of a URL/],
    ['a short secret', { AppSecret: S('s'.repeat(15)) }, 'warning', /can be guessed/],
    ["soketi's own secret", { AppSecret: S('app-secret') }, 'error', /public default/],
    [
      'a previous secret that is over',
      { PreviousAppSecretUntil: N(now() - 1), PreviousAppSecret: S('p') },
      'warning',
      /is over.* run rotate-secret --end/,
    ],
    [
      'a previous secret for more than 30 days',
      { PreviousAppSecretUntil: N(now() + 31 * DAY), PreviousAppSecret: S('p') },
      'warning',
      /more than 30 days/,
    ],
    [
      "soketi's own secret as the previous one",
      { PreviousAppSecret: S('app-secret'), PreviousAppSecretUntil: N(now() + DAY) },
      'error',
      /public default/,
    ],
    ['a previous secret without an end', { PreviousAppSecret: S('p') }, 'error', /is ignored/],
    ['an end without a previous secret', { PreviousAppSecretUntil: N(now() + DAY) }, 'error', /is ignored/],
    [
      'the end of a previous secret as text',
      { PreviousAppSecret: S('p'), PreviousAppSecretUntil: S('tomorrow') },
      'error',
      /is ignored/,
    ],
    ['another name', { max_connections: N(1) }, 'warning', /read max_connections as MaxConnections/],
    [
      'two names with one value',
      { max_connections: N(1), MaxConnections: S('1') },
      'warning',
      /^MaxConnections and max_connections are names of one field\. Run update with --max-connections/,
    ],
    [
      'two names with different values',
      { Enabled: { BOOL: false }, enabled: { BOOL: true } },
      'error',
      /different values\. soketi and the lookup use Enabled\. Run update with --no-enabled/,
    ],
    [
      'a value that another name hides',
      { max_connections: N(1), MaxConnections: S('many') },
      'error',
      /different values/,
    ],
    [
      'another name of the secret',
      { secret: S('s'.repeat(32)), AppSecret: S('') },
      'warning',
      /run rotate-secret/,
    ],
    ['a fraction of a connection', { MaxConnections: N(100.5) }, 'warning', /only the first digits/],
    ['an exponent', { MaxConnections: S('1E+3') }, 'error', /only the first digits/],
    ['a webhook to nowhere', { Webhooks: hook({}) }, 'warning', /neither url nor lambda_function/],
    ['a webhook to no URL', { Webhooks: hook({ url: 'example.com' }) }, 'warning', /url that is not an http/],
    [
      'a lambda without options',
      { Webhooks: hook({ lambda_function: 'f' }) },
      'error',
      /no lambda, its options/,
    ],
    [
      'client events of an app without client messages',
      { Webhooks: hook({ url: 'https://a.b', event_types: ['client_event'] }) },
      'warning',
      /client messages are off/,
    ],
    [
      'headers that are text',
      { Webhooks: hook({ url: 'https://a.b', headers: 'X-Token: hidden' }) },
      'warning',
      /headers that are not an object/,
    ],
    [
      'a filter with another name',
      { Webhooks: hook({ url: 'https://a.b', filter: { channel_starts_with: 'x' } }) },
      'warning',
      /a filter that soketi ignores/,
    ],
    [
      'a filter beside filter',
      { Webhooks: hook({ url: 'https://a.b', channel_name_starts_with: 'x' }) },
      'warning',
      /a filter that soketi ignores/,
    ],
    [
      'an event of no kind',
      { Webhooks: hook({ url: 'https://a.b', event_types: ['x'] }) },
      'warning',
      /event type that soketi does not have/,
    ],
    ['a malformed number', { MaxConnections: S('many') }, 'error', /^MaxConnections is not a number/],
    ['no secret', { AppSecret: S('') }, 'error', /^AppSecret is not a non-empty string/],
  ])('finds %s', (_, attributes, level, text) => {
    const findings = findingsOfItem({ ...SOUND, ...attributes })
    expect(findings).toEqual([
      { level, attribute: Object.keys(attributes)[0], text: expect.stringMatching(text) },
    ])
  })

  it('finds nothing in the stored form of any app that was written', () => {
    fc.assert(
      fc.property(anyApp, (app) => {
        const texts = findingsOfItem(encodeApp(app)).map(({ text }) => text)
        expect(texts.filter((text) => /stored in a form|is not a/.test(text))).toEqual([])
      }),
    )
  })

  it('finds a key of two apps, and an id that is the key of another app', () => {
    const named = checkItems(SAMPLE_APPS).filter(({ text }) =>
      /is also the key of|is the AppKey of/.test(text),
    )
    expect(named).toMatchObject([
      { appId: 'demo-key', level: 'warning', text: expect.stringContaining('is the AppKey of demo') },
      { appId: 'twin-1', level: 'error', text: expect.stringContaining('is also the key of twin-2') },
      { appId: 'twin-2', level: 'error', text: expect.stringContaining('is also the key of twin-1') },
    ])
  })

  it('finds every malformed sample, and repeats none of its values', () => {
    const findings = checkItems(SAMPLE_APPS)
    const malformed = findings
      .filter(({ text }) => text.includes('Lookups of this app fail'))
      .map(({ appId }) => appId)
    expect(malformed).toEqual([
      'bad-boolean',
      'bad-event-types',
      'bad-number',
      'bad-webhooks',
      'no-key',
      'no-secret',
    ])
    expectNoSecret(JSON.stringify(findings))
  })
})

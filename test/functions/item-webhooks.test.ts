import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeItem } from '../../functions/apps/item.ts'
import { bytes, DECODED, failureOf, REQUIRED } from './required-item.ts'

describe('decodeItem', () => {
  it('reads the same webhooks from JSON, binary JSON and a native list', () => {
    const webhooks = [
      {
        url: 'https://example.com',
        event_types: ['client_event', 'member_added'],
        headers: { 'X-A': 'b' },
        filter: { channel_name_starts_with: 'c' },
        nested: { list: [1, 2.5, true, null], set: ['x'] },
      },
    ]
    const M = {
      url: { S: 'https://example.com' },
      event_types: { SS: ['client_event', 'member_added'] },
      headers: { M: { 'X-A': { S: 'b' } } },
      filter: { M: { channel_name_starts_with: { S: 'c' } } },
      nested: {
        M: { list: { L: [{ N: '1' }, { N: '2.5' }, { BOOL: true }, { NULL: true }] }, set: { SS: ['x'] } },
      },
    } as unknown as Record<string, AttributeValue>
    expect(decodeItem({ ...REQUIRED, Webhooks: { S: JSON.stringify(webhooks) } })).toEqual({
      ...DECODED,
      webhooks,
    })
    expect(decodeItem({ ...REQUIRED, Webhooks: { L: [{ M }] } })).toEqual({ ...DECODED, webhooks })
    const binary = { B: Buffer.from(JSON.stringify(webhooks)) }
    expect(decodeItem({ ...REQUIRED, Webhooks: binary })).toEqual({ ...DECODED, webhooks })
  })

  it("takes JSON's null for no webhooks", () => {
    expect(decodeItem({ ...REQUIRED, Webhooks: { S: 'null' } })).toEqual(DECODED)
  })

  it('rejects webhooks that would crash soketi, or that cannot be serialized', () => {
    const deep = `[{"event_types":[],"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}]`
    const texts = [
      ' ',
      '{}',
      '7',
      '[',
      '[null]',
      '[[]]',
      '["x"]',
      '[{}]',
      '[{"event_types":"x"}]',
      '[{"event_types":[1]}]',
      deep,
    ]
    for (const S of texts) expect(failureOf({ ...REQUIRED, Webhooks: { S } }).code).toBe('app-malformed')
    for (const form of [{ L: [{ S: 'x' }] }, { M: {} }, bytes('[')])
      expect(failureOf({ ...REQUIRED, Webhooks: form }).code).toBe('app-malformed')
  })

  it('reads webhooks nested 32 deep and no deeper, however they are stored', () => {
    const nested = (depth: number) =>
      `[{"event_types":[],"x":${'['.repeat(depth - 2)}${']'.repeat(depth - 2)}}]`
    const native = (value: unknown): AttributeValue =>
      Array.isArray(value)
        ? { L: value.map(native) }
        : {
            M: Object.fromEntries(
              Object.entries(value as object).map(([name, inner]) => [name, native(inner)]),
            ),
          }
    for (const form of [{ S: nested(32) }, native(JSON.parse(nested(32)))])
      expect(JSON.stringify(decodeItem({ ...REQUIRED, Webhooks: form }).webhooks)).toBe(nested(32))
    for (const form of [{ S: nested(33) }, native(JSON.parse(nested(33))), { S: nested(4000) }])
      expect(failureOf({ ...REQUIRED, Webhooks: form }).message).toContain('nested at most 32 deep')
  })

  it('sorts the members of native maps and sets', () => {
    const members: [string, AttributeValue][] = [
      ['url', { S: 'https://example.com' }],
      ['event_types', { SS: ['b', 'a', 'c'] }],
      ['headers', { M: { b: { S: '1' }, a: { NS: ['10', '9', '-1'] } } }],
      ['filter', { M: {} }],
    ]
    const decoded = (order: readonly [string, AttributeValue][]) =>
      JSON.stringify(
        decodeItem({ ...REQUIRED, Webhooks: { L: [{ M: Object.fromEntries(order) }] } }).webhooks,
      )
    fc.assert(
      fc.property(fc.shuffledSubarray(members, { minLength: members.length }), (order) => {
        expect(decoded(order)).toBe(
          '[{"event_types":["a","b","c"],"filter":{},"headers":{"a":[-1,9,10],"b":"1"},"url":"https://example.com"}]',
        )
      }),
    )
    expect(decoded([['event_types', { SS: ['c', 'a', 'b'] }]])).toBe('[{"event_types":["a","b","c"]}]')
  })
})

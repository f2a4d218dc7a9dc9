import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLookup, parsePathParameter } from '../../functions/http/parse-request.ts'
import { LookupError } from '../../functions/lookup-error.ts'
import { ANY_CHARACTER } from '../support/any-text.ts'

describe('parsePathParameter', () => {
  it("accepts ids and keys in soketi's own form", () => {
    const plain = fc
      .stringMatching(/^[A-Za-z0-9._~-]{1,255}$/)
      .filter((text) => text !== '.' && text !== '..')
    fc.assert(
      fc.property(plain, (text) => {
        expect(parsePathParameter(text)).toBe(text)
      }),
    )
  })

  it('rejects anything else as a bad request', () => {
    const other = fc.string({ unit: ANY_CHARACTER }).filter((text) => !/^[A-Za-z0-9._~-]{1,255}$/.test(text))
    fc.assert(
      fc.property(fc.oneof(other, fc.constantFrom('.', '..', undefined, 'a\n')), (text) => {
        expect(() => parsePathParameter(text)).toThrow(expect.objectContaining({ code: 'invalid-request' }))
      }),
    )
  })
})

describe('parseLookup', () => {
  it('reads any JSON as a lookup or a bad request, never as an internal error', () => {
    const hint = fc.record(
      { id: fc.anything(), key: fc.anything(), apps: fc.oneof(fc.anything(), fc.array(fc.anything())) },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), hint), (body) => {
        try {
          parseLookup(body)
        } catch (error) {
          expect(error).toBeInstanceOf(LookupError)
          expect(error).toMatchObject({ code: 'invalid-request' })
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('accepts any text of 1 to 2,048 bytes as an id or key', () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((value) => Buffer.byteLength(value) <= 2048)
    fc.assert(
      fc.property(text, fc.constantFrom('id' as const, 'key' as const), (value, by) => {
        expect(parseLookup({ [by]: value })).toEqual({ one: { by, value, consistent: false } })
      }),
    )
  })

  it('keeps the order of a batch, with an error in place of each invalid entry', () => {
    const { batch } = parseLookup({
      apps: [{ id: 'a' }, {}, { key: 'b', etag: '"x"' }, { id: 'c', etag: 1 }],
    })
    expect(batch).toEqual([
      { by: 'id', value: 'a', consistent: false },
      expect.objectContaining({ message: 'apps[1] must have exactly one of id and key.' }),
      { by: 'key', value: 'b', etag: '"x"', consistent: false },
      expect.objectContaining({ message: 'apps[3] has an etag that is not a string.' }),
    ])
  })
})

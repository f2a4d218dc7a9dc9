import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseBody } from '../../functions/body.ts'

const headers = { 'content-type': 'application/json' }
const inBase64 = (bytes: Uint8Array) => ({
  headers,
  body: Buffer.from(bytes).toString('base64'),
  isBase64Encoded: true,
})

describe('parseBody', () => {
  it('reads any JSON, as text and in base64', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        fc.pre(!JSON.stringify(value).includes('\ufffd'))
        const body = JSON.stringify(value)
        expect(JSON.stringify(parseBody({ headers, body, isBase64Encoded: false }))).toBe(body)
        expect(JSON.stringify(parseBody(inBase64(Buffer.from(body))))).toBe(body)
      }),
    )
  })

  it('reads no bytes that are not UTF-8 as if they were', () => {
    const prefix = Buffer.from('{"id":"')
    const suffix = Buffer.from('"}')
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x91], [0xc0, 0x80]]) {
      const body = Buffer.concat([prefix, Buffer.from(bytes), suffix])
      const asText = { headers, body: body.toString(), isBase64Encoded: false }
      for (const event of [inBase64(body), asText])
        expect(() => parseBody(event)).toThrow(expect.objectContaining({ code: 'invalid-request' }))
    }
  })
})

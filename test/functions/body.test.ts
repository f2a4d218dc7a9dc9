import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LookupEvent } from '../../functions/access/caller.ts'
import { jsonBody } from '../../functions/http/body.ts'

/** The body that a route gets for this event. */
async function parseBody(event: Pick<LookupEvent, 'headers' | 'body' | 'isBase64Encoded'>): Promise<unknown> {
  const request = { event: { ...event } } as Parameters<NonNullable<typeof jsonBody.before>>[0]
  await jsonBody.before?.(request)
  return request.event.body
}

const headers = { 'content-type': 'application/json' }
const inBase64 = (bytes: Uint8Array) => ({
  headers,
  body: Buffer.from(bytes).toString('base64'),
  isBase64Encoded: true,
})

describe('the body of a request', () => {
  it('can be any JSON, as text or in base64', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ stringUnit: 'grapheme' }), async (value) => {
        fc.pre(!JSON.stringify(value).includes('\ufffd'))
        const body = JSON.stringify(value)
        expect(JSON.stringify(await parseBody({ headers, body, isBase64Encoded: false }))).toBe(body)
        expect(JSON.stringify(await parseBody(inBase64(Buffer.from(body))))).toBe(body)
      }),
    )
  })

  it('is rejected if its bytes are not UTF-8', async () => {
    const prefix = Buffer.from('{"id":"')
    const suffix = Buffer.from('"}')
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x91], [0xc0, 0x80]]) {
      const body = Buffer.concat([prefix, Buffer.from(bytes), suffix])
      const asText = { headers, body: body.toString(), isBase64Encoded: false }
      for (const event of [inBase64(body), asText])
        await expect(parseBody(event)).rejects.toThrow(expect.objectContaining({ code: 'invalid-request' }))
    }
  })
})

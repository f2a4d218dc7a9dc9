import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  batchRequestFor,
  isSendable,
  NO_APP_ID,
  pollRequestFor,
  requestFor,
} from '../../adapter/lookup/endpoint/request.ts'

describe('a name', () => {
  it.each([
    ['one character', 'a', true],
    ['2,048 bytes', 'é'.repeat(1024), true],
    ['a line break and a slash', '../\n', true],
    ['nothing', '', false],
    ['2,049 bytes', `${'é'.repeat(1024)}a`, false],
    ['2,049 characters', 'a'.repeat(2049), false],
    ['half a surrogate pair', 'a\ud800', false],
  ])('of %s is sent, or not', (_, name, sent) => {
    expect(isSendable(name)).toBe(sent)
  })

  it('that is not a string is not sent', () => {
    for (const name of [undefined, null, 42, ['a'], {}]) expect(isSendable(name)).toBe(false)
  })

  it('is sent only if it is unchanged after decoding', () => {
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code))
    fc.assert(
      fc.property(
        fc.string({ unit, maxLength: 30 }),
        (name) => isSendable(name) === (name.isWellFormed() && name !== ''),
      ),
    )
  })
})

describe('a request', () => {
  it('is a GET for a name that can be part of a path, conditional with an ETag', () => {
    expect(requestFor('id', 'a.B_9~-')).toEqual({
      kind: 'lookup',
      method: 'GET',
      path: '/apps/a.B_9~-',
      headers: {},
    })
    expect(requestFor('key', 'k', '"e"')).toEqual({
      kind: 'lookup',
      method: 'GET',
      path: '/apps/by-key/k',
      headers: { 'if-none-match': '"e"' },
    })
    expect(requestFor('id', NO_APP_ID).method).toBe('GET')
  })

  it.each(['.', '..', 'a/b', 'a b', 'a%2fb', 'é', 'a?b', 'a\n', 'a'.repeat(256)])(
    'is a POST for %j',
    (name) => {
      const request = requestFor('key', name, '"e"')
      expect(request).toMatchObject({ method: 'POST', path: '/apps/lookup' })
      expect(JSON.parse(request.body ?? '')).toEqual({ key: name })
      expect(request.headers).not.toHaveProperty('if-none-match')
    },
  )

  it('for a batch can request consistent reads', () => {
    const bodyOf = (consistent: boolean) => JSON.parse(batchRequestFor([{ id: 'a' }], consistent).body ?? '')
    expect(bodyOf(true)).toEqual({ consistent: true, apps: [{ id: 'a' }] })
    expect(bodyOf(false)).toEqual({ apps: [{ id: 'a' }] })
  })

  it('for changes has the cursor in its query, encoded', () => {
    expect(pollRequestFor(undefined).path).toBe('/changes')
    expect(pollRequestFor('a.1&b#/?').path).toBe('/changes?since=a.1%26b%23%2F%3F')
  })
})

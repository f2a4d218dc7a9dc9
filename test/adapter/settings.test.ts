import { describe, expect, it } from 'vitest'
import { type AppLookupOptions, parseSettings } from '../../adapter/lookup/settings.ts'

const hrefs = (options: Partial<AppLookupOptions>) =>
  parseSettings({ urls: 'https://a.example', ...options }).urls.map(({ href }) => href)

describe('the settings', () => {
  it('have the numbers of the freshness promise by default', () => {
    expect(parseSettings({ urls: 'https://a.example' })).toMatchObject({
      appTtlMs: 30_000,
      missTtlMs: 5_000,
      staleMaxMs: 3_600_000,
      attemptTimeoutMs: 3_000,
      lookupTimeoutMs: 5_000,
      recheckIntervalMs: 60_000,
      disappearanceHoldMs: 300_000,
      unknownLookupsPerSecond: 50,
    })
  })

  it('take several URLs, in the order given', () => {
    const expected = ['https://near.example/prod', 'https://far.example/']
    expect(hrefs({ urls: ' https://near.example/prod , https://far.example' })).toEqual(expected)
    expect(hrefs({ urls: ['https://near.example/prod', 'https://far.example'] })).toEqual(expected)
  })

  it.each(['http://localhost:1', 'http://127.0.0.1:1', 'http://127.8.9.1', 'http://[::1]:1'])(
    'take %s, which does not leave the machine',
    (urls) => {
      expect(hrefs({ urls })).toHaveLength(1)
    },
  )

  it.each(['http://a.example', 'http://127.0.0.1.example', 'http://localhost.example', 'http://10.0.0.1'])(
    'take %s only when that is allowed',
    (urls) => {
      expect(() => hrefs({ urls })).toThrow('urls: not https; set allowInsecureHttp if that is meant')
      expect(hrefs({ urls, allowInsecureHttp: true })).toHaveLength(1)
    },
  )

  it.each([
    '',
    ' , ',
    'https://a.example,',
    'a.example',
    'ftp://a.example',
    'https://u:p@a.example',
    'https://a.example/?q',
    'https://a.example/#f',
  ])('do not take %j', (urls) => {
    expect(() => hrefs({ urls })).toThrow(/^urls: (give the URL|not an https URL)/)
  })

  it.each([
    ['appTtlMs', 0],
    ['appTtlMs', Number.NaN],
    ['staleMaxMs', -1],
    ['appsMax', 2 ** 31],
    ['unknownLookupsPerSecond', Number.POSITIVE_INFINITY],
  ])('do not take %s of %d', (name, value) => {
    expect(() => hrefs({ [name]: value })).toThrow(`${name}: not a number from`)
  })

  it('have a clock that shows the time and never goes back', () => {
    const { clock } = parseSettings({ urls: 'https://a.example' })
    const first = clock()
    expect(Math.abs(first - Date.now())).toBeLessThan(5_000)
    expect(clock()).toBeGreaterThanOrEqual(first)
  })
})

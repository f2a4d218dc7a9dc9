import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { describe, expect, it } from 'vitest'
import { createAppLookup } from '../../adapter/lookup/lookup.ts'
import { OPTIONS } from '../../adapter/lookup/settings/options.ts'
import { parseSettings } from '../../adapter/lookup/settings/settings.ts'
import { createFolder } from './folder.ts'

const parse = (options: Readonly<Record<string, unknown>> = {}) =>
  parseSettings({ url: 'https://a.example', ...options })
const hrefs = (options: Readonly<Record<string, unknown>>) => parse(options).urls.map(({ href }) => href)

describe('the settings', () => {
  it('have by default the values of the documented freshness', () => {
    expect(parse()).toMatchObject({
      appTtlMs: 30_000,
      negativeCacheTtlMs: 5_000,
      staleIfErrorMs: 3_600_000,
      attemptTimeoutMs: 3_000,
      lookupTimeoutMs: 4_000,
      revalidateIntervalMs: 60_000,
      massDeletionGuardMs: 300_000,
      unknownLookupsPerSecond: 50,
    })
  })

  it('accept several URLs, in the given order', () => {
    const expected = ['https://near.example/prod', 'https://far.example/']
    expect(hrefs({ url: ' https://near.example/prod , https://far.example' })).toEqual(expected)
    expect(hrefs({ url: ['https://near.example/prod', 'https://far.example'] })).toEqual(expected)
  })

  it.each(['http://localhost:1', 'http://127.0.0.1:1', 'http://127.8.9.1', 'http://[::1]:1'])(
    'accept %s, which is on the same machine',
    (url) => {
      expect(hrefs({ url })).toHaveLength(1)
    },
  )

  it.each(['http://a.example', 'http://127.0.0.1.example', 'http://localhost.example', 'http://10.0.0.1'])(
    'accept %s only when that is allowed',
    (url) => {
      expect(() => hrefs({ url })).toThrow('url is not https; use https, or set allowInsecureHttp to true.')
      expect(hrefs({ url, allowInsecureHttp: true })).toHaveLength(1)
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
    5,
    [5],
  ])('reject %j as a URL', (url) => {
    expect(() => hrefs({ url })).toThrow(/^url (is not set; give|must be) .+ URL/)
  })

  it.each([
    '/apps',
    '/prod/apps/',
    '/apps//',
    '/apps/lookup',
    '/apps/by-key',
    '/apps/by-key/demo-key',
    '/changes',
  ])('reject a URL that ends in %s, which would always return 404', (path) => {
    expect(() => hrefs({ url: `https://a.example${path}` })).toThrow('url must end before /apps or /changes')
  })

  it('say what is wrong with doubled slashes', () => {
    expect(() => hrefs({ url: 'https://a.example/prod//lookup' })).toThrow(
      'url has // in its path; remove one /',
    )
  })

  it.each([';', ' ', '|'])('reject URLs that are separated by %j', (separator) => {
    expect(() => hrefs({ url: `https://a.example${separator}https://b.example` })).toThrow(
      /^url must be an https URL .* separate several by commas|^url has \/\/ in its path; .* separate several URLs by commas/,
    )
  })

  it.each([
    ['appTtlMs', 0],
    ['appTtlMs', Number.NaN],
    ['appTtlMs', 0.5],
    ['appTtlMs', '30s'],
    ['appTtlMs', null],
    ['staleIfErrorMs', -1],
    ['snapshotIntervalMs', 2 ** 31],
    ['unknownLookupsPerSecond', Number.POSITIVE_INFINITY],
  ])('do not take %s of %j', (name, value) => {
    expect(() => parse({ [name]: value })).toThrow(
      new RegExp(
        `^${name} must be a whole number${name.endsWith('Ms') ? ' of milliseconds' : ''} from \\d to \\d+\\.$`,
      ),
    )
  })

  it.each([
    ['allowInsecureHttp', 'yes', 'true or false'],
    ['token', 5, 'text'],
  ])('do not take %s of %j', (name, value, form) => {
    expect(() => parse({ [name]: value })).toThrow(`${name} must be ${form}.`)
  })

  it('reject a timeout of an attempt that is longer than that of a lookup', () => {
    expect(parse({ lookupTimeoutMs: 1_000 }).attemptTimeoutMs).toBe(1_000)
    expect(parse({ lookupTimeoutMs: 9_000, attemptTimeoutMs: 9_000 }).attemptTimeoutMs).toBe(9_000)
    expect(() => parse({ attemptTimeoutMs: 6_000 })).toThrow(
      'attemptTimeoutMs (6000) is more than lookupTimeoutMs (4000)',
    )
  })

  it('read certificates from a file, and reject a file with anything else', async () => {
    const folder = await createFolder()
    const { cert } = await generate([{ name: 'commonName', value: 'a.example' }], { keyType: 'ec' })
    const file = async (text: string) => {
      await writeFile(join(folder, 'ca.pem'), text)
      return join(folder, 'ca.pem')
    }
    expect(parse({ caFile: await file(`${cert}\n${cert}`) }).ca).toBe(`${cert}\n${cert}`)
    const garbage = [
      '',
      'garbage',
      cert.slice(0, 200),
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      `${cert}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`,
    ]
    for (const text of garbage)
      await expect(async () => parse({ caFile: await file(text) })).rejects.toThrow(
        'caFile holds no valid certificates',
      )
    for (const path of [folder, join(folder, 'none')])
      expect(() => parse({ caFile: path })).toThrow('caFile cannot be read')
  })

  it('reject unknown names', () => {
    for (const name of ['negativeCacheTtlMS', 'constructor'])
      expect(() => createAppLookup({ url: 'https://a.example', [name]: 1 })).toThrow(
        `${name} is not a setting; correct the name or remove it.`,
      )
  })

  it('have numbers whose documentation states the default', async () => {
    const source = await readFile(
      new URL('../../adapter/lookup/settings/options.ts', import.meta.url),
      'utf8',
    )
    for (const [name, spec] of Object.entries(OPTIONS)) {
      if (spec.kind !== 'number') continue
      const [comment = ''] = source.split(`  ${name}: number(`)[0]?.split('/**').slice(-1) ?? []
      expect(comment, name).toContain(`Default ${spec.default.toLocaleString('en')}`)
    }
  })

  it('have a clock that shows the time and never goes back', () => {
    const { clock } = parse()
    const first = clock()
    expect(Math.abs(first - Date.now())).toBeLessThan(5_000)
    expect(clock()).toBeGreaterThanOrEqual(first)
  })
})

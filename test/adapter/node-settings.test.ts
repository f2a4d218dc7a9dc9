import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SettingsError } from '../../adapter/lookup/index.ts'
import { checkSettings, findSettings, NODE_OPTIONS, variableOf } from '../../adapter/soketi/node-settings.ts'

const ENDPOINT = {
  SOKETI_APP_MANAGER_HTTP_URL: 'https://a.example',
  SOKETI_APP_MANAGER_HTTP_TOKEN: 'made-up-token',
}
const settingsOf = (
  env: Readonly<Record<string, string>> = {},
  config: Readonly<Record<string, unknown>> = {},
) => checkSettings(findSettings({ ...ENDPOINT, ...env }, config))

/** The error with which a node stops. It has the names of the user's variables. */
function sentenceOf(env: Readonly<Record<string, string>>, config: Readonly<Record<string, unknown>> = {}) {
  const found = findSettings({ ...ENDPOINT, ...env }, config)
  try {
    checkSettings(found)
  } catch (error) {
    if (error instanceof SettingsError) return error.messageFor(found.nameOf)
    throw error
  }
  return 'none'
}

describe('the settings of a node', () => {
  it('are environment variables, or else keys of the config file', () => {
    expect(settingsOf().lookup.appTtlMs).toBe(30_000)
    expect(settingsOf({}, { appTtlMs: 1 }).lookup.appTtlMs).toBe(1)
    expect(settingsOf({}, { appTtlMs: '2' }).lookup.appTtlMs).toBe(2)
    expect(settingsOf({ SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: '3' }, { appTtlMs: 1 }).lookup.appTtlMs).toBe(3)
    expect(settingsOf({ SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: '' }, { appTtlMs: null }).lookup.appTtlMs).toBe(
      30_000,
    )
  })

  it('are those of the lookup and those of soketi', () => {
    const { lookup, behaviour } = settingsOf({
      SOKETI_APP_MANAGER_HTTP_REJECTION_JITTER_MS: '0',
      SOKETI_APP_MANAGER_HTTP_REVALIDATE_INTERVAL_MS: '7',
      SOKETI_APP_MANAGER_HTTP_ALLOW_INSECURE_HTTP: '1',
      SOKETI_APP_MANAGER_HTTP_URL: 'http://a.example,http://b.example',
    })
    expect(behaviour).toEqual({
      rejectionJitterMs: 0,
      maxWaitingSockets: 10_000,
      legacyErrorStatus: false,
    })
    expect(lookup.revalidateIntervalMs).toBe(7)
    expect(lookup.urls).toHaveLength(2)
  })

  it.each([
    [
      { SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: '30s' },
      /^SOKETI_APP_MANAGER_HTTP_APP_TTL_MS must be a whole number/,
    ],
    [{ SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: '-1' }, /^SOKETI_APP_MANAGER_HTTP_APP_TTL_MS must be a whole/],
    [
      { SOKETI_APP_MANAGER_HTTP_REJECTION_JITTER_MS: 'x' },
      /^SOKETI_APP_MANAGER_HTTP_REJECTION_JITTER_MS must be a whole number/,
    ],
    [
      { SOKETI_APP_MANAGER_HTTP_ALLOW_INSECURE_HTTP: 'yes' },
      /^SOKETI_APP_MANAGER_HTTP_ALLOW_INSECURE_HTTP must be true or false/,
    ],
    [
      { SOKETI_APP_MANAGER_HTTP_URL: 'http://a.example' },
      /^SOKETI_APP_MANAGER_HTTP_URL is not https; .* SOKETI_APP_MANAGER_HTTP_ALLOW_INSECURE_HTTP/,
    ],
    [{ SOKETI_APP_MANAGER_HTTP_URL: '' }, /^SOKETI_APP_MANAGER_HTTP_URL is not set/],
    [
      { SOKETI_APP_MANAGER_HTTP_URL: 'https://a.example/apps' },
      /^SOKETI_APP_MANAGER_HTTP_URL must end before/,
    ],
    [
      { SOKETI_APP_MANAGER_HTTP_ATTEMPT_TIMEOUT_MS: '6000' },
      /^SOKETI_APP_MANAGER_HTTP_ATTEMPT_TIMEOUT_MS \(6000\) is more than SOKETI_APP_MANAGER_HTTP_LOOKUP_TIMEOUT_MS/,
    ],
    [{ SOKETI_APP_MANAGER_HTTP_CA_FILE: '/nowhere' }, /^SOKETI_APP_MANAGER_HTTP_CA_FILE cannot be read/],
  ])('with the invalid value %j stop the start with a sentence that names the variable', (env, sentence) => {
    expect(sentenceOf(env)).toMatch(sentence)
  })

  it('with an invalid value in a config file stop the start with a sentence that names the key', () => {
    expect(sentenceOf({}, { appTtlMs: 'soon' })).toMatch(/^appManager\.http\.appTtlMs must be a whole number/)
  })

  it('do not include other variables or keys of the config file', () => {
    expect(() => settingsOf({ SOKETI_APP_MANAGER_HTTP_TOKEN_FIEL: 'a' })).toThrow(
      'SOKETI_APP_MANAGER_HTTP_TOKEN_FIEL is not a setting; correct the name or remove it.',
    )
    expect(() => settingsOf({}, { appTTLMs: 1 })).toThrow(
      'appManager.http.appTTLMs is not a setting; correct the name or remove it.',
    )
  })

  it("are all in the README's table, with their defaults, and no others are", () => {
    const readme = readFileSync(new URL('../../adapter/README.md', import.meta.url), 'utf8')
    const [, table = ''] = readme.split('## Settings')
    const rows = [...table.matchAll(/^\| `([A-Z_]+)` \| `(\w+)` \| ([^|]+) \|/gm)]
    const inTable = rows.map(([, variable = '', option = '', byDefault = '']) => ({
      variable: `SOKETI_APP_MANAGER_HTTP_${variable}`,
      option,
      number: /^[\d ]+$/.test(byDefault) ? Number(byDefault.replaceAll(' ', '')) : undefined,
    }))
    const inCode = Object.entries(NODE_OPTIONS).map(([option, spec]) => ({
      variable: variableOf(option),
      option,
      number: spec.kind === 'number' ? spec.default : undefined,
    }))
    const byOption = (a: { option: string }, b: { option: string }) => a.option.localeCompare(b.option)
    expect(inTable.sort(byOption)).toEqual(inCode.sort(byOption))
  })
})

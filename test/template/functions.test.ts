import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readStack } from '../../dev/stack.ts'
import { readConfig } from '../../functions/config.ts'
import { resolve } from './resolved.ts'

describe('the functions', () => {
  const { functions } = readStack({})

  it('are the files of functions/ that export a handler, each with its own name', () => {
    const folder = new URL('../../functions/', import.meta.url)
    const entries = readdirSync(folder, { withFileTypes: true })
      .filter((file) => file.isFile())
      .map(({ name }) => name)
      .filter((name) => /^export const handler\b/m.test(readFileSync(new URL(name, folder), 'utf8')))
    expect(functions.map(({ entry }) => entry.pathname.split('/').at(-1)).sort()).toEqual(entries.sort())
    expect(new Set(functions.map(({ name }) => name)).size).toBe(functions.length)
  })

  it('have the concurrency and tracing of the parameters, and neither by default', () => {
    const settings = (parameters: Record<string, string>) =>
      functions.map(({ name }) => resolve(parameters).get(name)?.Properties)
    for (const properties of settings({})) {
      expect(properties).not.toHaveProperty('ReservedConcurrentExecutions')
      expect(properties).toMatchObject({ Tracing: 'PassThrough' })
    }
    for (const properties of settings({ ReservedConcurrency: '20', ActiveTracing: 'on' }))
      expect(properties).toMatchObject({ ReservedConcurrentExecutions: '20', Tracing: 'Active' })
  })

  it("log and count under the stack's name", () => {
    for (const { environment } of functions) expect(environment.POWERTOOLS_SERVICE_NAME).toBe('local')
  })

  it("turn off Lambda's own lines for a request, and keep every metric, which has no log level", () => {
    for (const { name } of functions)
      expect(resolve().get(name)?.Properties.LoggingConfig).toEqual({
        LogGroup: `${name}LogGroup`,
        LogFormat: 'JSON',
        SystemLogLevel: 'WARN',
      })
  })

  it('have no variable that they do not read', () => {
    const read = new Set<string | symbol>()
    readConfig(new Proxy({}, { get: (_, variable) => void read.add(variable) }))
    for (const { name, environment } of functions)
      for (const variable of Object.keys(environment))
        expect([...read], `${name} is given ${variable}`).toContain(variable)
  })
})

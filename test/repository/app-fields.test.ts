import { expect, it } from 'vitest'
import type { App as AdapterApp } from '../../adapter/lookup/app.ts'
import { SAMPLE_APPS } from '../../dev/sample-apps.ts'
import type { App } from '../../functions/apps/app.ts'
import { attributeOf, FIELD_NAMES } from '../../functions/apps/spellings.ts'
import { OPENAPI } from '../support/openapi.ts'

// The type of functions/apps/spellings.ts makes FIELD_NAMES complete.

it('adapter/lookup/app.ts has the fields of functions/apps/app.ts (a compiler error says which one is missing)', () => {
  const inAdapter: Record<keyof App, true> = {} as Record<keyof AdapterApp, true>
  const inFunctions: Record<keyof AdapterApp, true> = {} as Record<keyof App, true>
  expect([inAdapter, inFunctions]).toHaveLength(2)
})

it('openapi.yaml has the fields of an app', () => {
  const { schemas } = OPENAPI.components as unknown as {
    schemas: { App: { properties: Record<string, unknown> } }
  }
  expect(Object.keys(schemas.App.properties).sort()).toEqual([...FIELD_NAMES].sort())
})

it('dev/sample-apps.ts has an app with each field', () => {
  const attributes = new Set(SAMPLE_APPS.flatMap((item) => Object.keys(item)))
  expect(FIELD_NAMES.map(attributeOf).filter((attribute) => !attributes.has(attribute))).toEqual([])
})

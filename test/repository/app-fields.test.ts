import { expect, it } from 'vitest'
import type { App as AdapterApp } from '../../adapter/lookup/app.ts'
import { attributeOf, SPELLINGS } from '../../cli/app/fields.ts'
import { SAMPLE_APPS } from '../../dev/sample-apps.ts'
import type { App } from '../../functions/apps/app.ts'
import { OPENAPI } from '../support/openapi.ts'

// The type of cli/app/fields.ts makes this list complete.
const FIELDS = [...SPELLINGS.keys()].sort()

it('adapter/lookup/app.ts has the fields of functions/apps/app.ts (a compiler error says which one is missing)', () => {
  const inAdapter: Record<keyof App, true> = {} as Record<keyof AdapterApp, true>
  const inFunctions: Record<keyof AdapterApp, true> = {} as Record<keyof App, true>
  expect([inAdapter, inFunctions]).toHaveLength(2)
})

it('openapi.yaml has the fields of an app', () => {
  const { schemas } = OPENAPI.components as unknown as {
    schemas: { App: { properties: Record<string, unknown> } }
  }
  expect(Object.keys(schemas.App.properties).sort()).toEqual(FIELDS)
})

it('dev/sample-apps.ts has an app with each field', () => {
  const attributes = new Set(SAMPLE_APPS.flatMap((item) => Object.keys(item)))
  expect(FIELDS.map(attributeOf).filter((attribute) => !attributes.has(attribute))).toEqual([])
})

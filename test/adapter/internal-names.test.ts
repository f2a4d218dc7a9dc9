import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { INTERNAL_NAMES } from '../../adapter/bundle.ts'
import { NODE_OPTIONS } from '../../adapter/soketi/node-settings.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (pattern: string) =>
  globSync(pattern, { cwd: root })
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n')
const sources = read('adapter/{lookup,soketi}/**/*.ts')

/** The names that a text in TypeScript, or in YAML, gives to members. */
const membersIn = (text: string) => {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '')
  return [...code.matchAll(/(?:^|[{;,])\s*(?:get |readonly |static )*(\w+)\??(?:<.*>)?[:(]/gm)].map(
    ([, name]) => name,
  )
}
const typeNamed = (name: string) => {
  const [text] = new RegExp(`export (type|class) ${name} [\\s\\S]*?\\n(?=\\n|$)`).exec(sources) ?? []
  if (text === undefined) throw new Error(`no type ${name}`)
  return text
}

const exported = /export \{([\s\S]*?)\}/.exec(read('adapter/register.ts'))?.[1] ?? ''
const publicTypes = [...exported.matchAll(/(?:type )?([A-Z]\w+),/g)].map(([, name = '']) => name)
/** What tests can pass in, and what is written to the snapshot's file. */
const portTypes = ['Ports', 'Timers', 'Timer', 'Endpoint', 'Request', 'HttpResponse', 'Snapshot', 'Reading']

const outside = {
  'public types': [...publicTypes, ...portTypes].flatMap((name) => membersIn(typeNamed(name))),
  settings: Object.keys(NODE_OPTIONS),
  soketi: membersIn(read('adapter/soketi/soketi.ts')),
  Node: membersIn(read('node_modules/@types/node/**/*.d.ts')),
  JavaScript: membersIn(read('node_modules/@typescript/*/lib/lib.es{5,20}*.d.ts')),
  'the endpoint': membersIn(read('openapi.yaml')),
  // Not `Type['name']`, nor the names and labels of metrics.
  texts: [...read('adapter/{lookup,soketi}/**/!(prometheus).ts').matchAll(/(?<!\w\[)(['"])(\w+)\1/g)].map(
    ([, , text]) => text,
  ),
}

describe('a name that is shortened in the bundle', () => {
  it.each(Object.entries(outside))('is not one of %s', (_, names) => {
    expect(names.length).toBeGreaterThan(10)
    expect(INTERNAL_NAMES.filter((name) => names.includes(name))).toEqual([])
  })

  it('is used', () => {
    expect(INTERNAL_NAMES.filter((name) => !new RegExp(`\\b${name}\\b`).test(sources))).toEqual([])
  })
})

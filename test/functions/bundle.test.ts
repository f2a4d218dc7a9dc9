import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, bundleFunctions } from '../../dev/bundle.ts'

// What a cold start loads. Another package, or more bytes, takes milliseconds of every cold start; see
// bench/functions/RESULTS.md.
const PIPELINE = ['@middy/core', '@middy/http-header-normalizer']
const SDK = [
  '@aws-sdk/client-dynamodb',
  '@aws-sdk/core',
  '@aws-sdk/dynamodb-codec',
  '@smithy/core',
  '@smithy/signature-v4',
  '@smithy/types',
]
const SHIPPED: Readonly<Record<string, { readonly maxBytes: number; readonly packages: readonly string[] }>> =
  {
    Authorize: { maxBytes: 5_900, packages: [] },
    FindAppById: { maxBytes: 162_000, packages: [...SDK, ...PIPELINE] },
    FindAppByKey: { maxBytes: 162_000, packages: [...SDK, ...PIPELINE] },
    FindChanges: { maxBytes: 162_000, packages: [...SDK, ...PIPELINE] },
    RecordChanges: { maxBytes: 155_000, packages: SDK },
    LookupApps: {
      maxBytes: 169_500,
      packages: [...SDK, ...PIPELINE, '@middy/http-json-body-parser', '@middy/util', 'p-map'],
    },
  }

let directory: string
let bundles: readonly Bundle[]
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bundles-'))
  bundles = await bundleFunctions(join(directory, 'plain'))
})
afterAll(() => rm(directory, { recursive: true }))

const bundleOf = (name: string): Bundle => {
  const found = bundles.find((bundle) => bundle.name === name)
  if (!found) throw new Error(`The template has no function ${name}.`)
  return found
}

describe.each(Object.entries(SHIPPED))('%s, as it ships', (name, { maxBytes, packages }) => {
  it(`is at most ${maxBytes} bytes`, async () => {
    const { file, bytes } = bundleOf(name)
    expect((await readFile(file)).length).toBe(bytes)
    expect(bytes).toBeLessThanOrEqual(maxBytes)
  })

  it('contains the packages that it needs and no other', () => {
    expect(bundleOf(name).packages).toEqual([...packages].sort())
  })

  it('imports only modules of Node', async () => {
    const code = await readFile(bundleOf(name).file, 'utf8')
    const imported = [...code.matchAll(/(?:\bfrom|\bimport)\s*\(?"([^"]+)"/g)].map(([, module]) => module)
    expect(
      imported.filter((module) => !builtinModules.includes(String(module).replace(/^node:/, ''))),
    ).toEqual([])
  })

  it('imports no module of Node that is slow to import', async () => {
    // Each has a small file in functions/shims, which says why.
    const code = await readFile(bundleOf(name).file, 'utf8')
    const imported = [...code.matchAll(/\b(?:from|import)\s*\(?"(node:[^"]+)"/g)].map(([, module]) => module)
    const slow = new Set(['node:crypto', 'node:http', 'node:process'])
    expect(imported.filter((module) => slow.has(String(module)))).toEqual([])
  })
})

describe('npm run build', () => {
  it('bundles every function of the template', () => {
    expect(bundles.map(({ name }) => name).sort()).toEqual(Object.keys(SHIPPED).sort())
  })

  it('writes no source map and no reference to one', async () => {
    for (const { name, file } of bundles) {
      expect(await readdir(join(directory, 'plain', name))).toHaveLength(1)
      expect(await readFile(file, 'utf8')).not.toContain('sourceMappingURL')
    }
  })
})

describe('npm run maps', () => {
  it('writes the same bundles, and a source map for each', async () => {
    for (const { name, file } of await bundleFunctions(join(directory, 'mapped'), { maps: true })) {
      expect((await readFile(file)).equals(await readFile(bundleOf(name).file)), name).toBe(true)
      const { sources } = JSON.parse(await readFile(`${file}.map`, 'utf8'))
      expect(sources).toContainEqual(expect.stringMatching(/functions\/config\.ts$/))
    }
  })
})

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, bundleFunctions } from '../../dev/bundle.ts'

const BUILT = new URL('../../.aws-sam/build/', import.meta.url)

let directory: string
let bundles: readonly Bundle[]
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bundles-'))
  bundles = await bundleFunctions(directory)
})
afterAll(() => rm(directory, { recursive: true }))

describe('sam build', () => {
  it.each(['Authorize', 'FindAppById', 'FindAppByKey', 'LookupApps', 'FindChanges', 'RecordChanges'])(
    'builds %s to the same bytes as npm run build',
    async (name) => {
      const file = String(bundles.find((bundle) => bundle.name === name)?.file)
      expect(await readFile(new URL(`${name}/${basename(file)}`, BUILT))).toEqual(await readFile(file))
    },
  )
})

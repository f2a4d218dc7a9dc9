import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { yamlParse } from 'yaml-cfn'

const VERSION: string = JSON.parse(readFileSync('package.json', 'utf8')).version

it.each([
  ['adapter/package.json', (text: string) => JSON.parse(text).version],
  ['package-lock.json', (text: string) => JSON.parse(text).packages[''].version],
  ['openapi.yaml', (text: string) => yamlParse(text).info.version],
])('%s has the version of package.json', (file, versionOf) => {
  expect(versionOf(readFileSync(file, 'utf8'))).toBe(VERSION)
})

it('CHANGELOG.md has a section for the version, newest first', () => {
  const sections = [...readFileSync('CHANGELOG.md', 'utf8').matchAll(/^## \[(.+?)\]/gm)].map(
    ([, name]) => name,
  )
  expect(sections.filter((name) => name !== 'Unreleased')[0]).toBe(VERSION)
})

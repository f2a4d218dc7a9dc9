import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { satisfies } from 'semver'
import { describe, expect, it } from 'vitest'

type Locked = {
  readonly integrity?: string
  readonly link?: boolean
  readonly inBundle?: boolean
  readonly optional?: boolean
  readonly engines?: { readonly node?: string }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
type Packages = Readonly<Record<string, Locked>>

const LOCK_FILES = execFileSync('git', ['ls-files', 'package-lock.json', '**/package-lock.json'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')

const packagesOf = (file: string): Packages => JSON.parse(readFileSync(file, 'utf8')).packages

describe.each(LOCK_FILES)('%s', (file) => {
  const packages = packagesOf(file)

  // npm install leaves out packages that the registry does not have at that time, and npm ci then fails.
  it('has every dependency of every package, those for other platforms too', () => {
    expect(missingFrom(packages)).toEqual([])
  })

  it('has a checksum for every package that is downloaded', () => {
    const downloaded = Object.entries(packages).filter(
      ([path, { link, inBundle }]) => path.includes('node_modules/') && !link && !inBundle,
    )
    expect(downloaded.filter(([, { integrity }]) => !integrity).map(([path]) => path)).toEqual([])
  })
})

// Scripts run on the Node of the package `node`; these are the versions that may start npm.
const NODE_VERSIONS = ['20.20.2', '22.23.3', '24.21.0']

it.each(NODE_VERSIONS)('npm install on Node %s prints no warning', (version) => {
  const refusing = Object.entries(packagesOf('package-lock.json')).filter(
    ([, { engines, optional }]) => !optional && engines?.node && !satisfies(version, engines.node),
  )
  expect(refusing.map(([path]) => path)).toEqual([])
})

/** The dependencies that a package can't find in the lock file, by Node's own lookup in each parent folder. */
function missingFrom(packages: Packages): string[] {
  return Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !foldersAbove(path).some((folder) => packages[`${folder}node_modules/${name}`]))
      .map((name) => `${name}, of ${path || 'the project'}`),
  )
}

function foldersAbove(path: string): string[] {
  const parts = path === '' ? [] : path.split('/node_modules/')
  return ['', ...parts.map((_, index) => `${parts.slice(0, index + 1).join('/node_modules/')}/`)]
}

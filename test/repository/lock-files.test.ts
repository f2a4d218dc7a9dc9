import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

type Locked = {
  integrity?: string
  link?: boolean
  inBundle?: boolean
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

const LOCK_FILES = execFileSync('git', ['ls-files', 'package-lock.json', '**/package-lock.json'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')

/** The dependencies that a package can't find in the lock file, by Node's own lookup in each parent folder. */
function missing(packages: Record<string, Locked>): string[] {
  return Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !foldersAbove(path).some((folder) => packages[`${folder}node_modules/${name}`]))
      .map((name) => `${name}, of ${path || 'the project'}`),
  )
}

function foldersAbove(path: string): string[] {
  const parts = path === '' ? [] : path.split(/(?=\/node_modules\/)/).map((part) => part.replace(/^\//, ''))
  return ['', ...parts.map((_, index) => `${parts.slice(0, index + 1).join('/')}/`)]
}

describe.each(LOCK_FILES)('%s', (file) => {
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Locked> }

  // npm install leaves out what the registry did not have at that moment, and npm ci then fails.
  it('has every dependency of every package, those for other platforms too', () => {
    expect(missing(packages)).toEqual([])
  })

  it('has a checksum for every package that is downloaded', () => {
    const downloaded = Object.entries(packages).filter(
      ([path, { link, inBundle }]) => path.includes('node_modules/') && !link && !inBundle,
    )
    expect(downloaded.filter(([, { integrity }]) => !integrity).map(([path]) => path)).toEqual([])
  })
})

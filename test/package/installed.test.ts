import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Endpoint, startEndpoint, TOKEN } from '../../harness/local-endpoint.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const NAME = 'soketi-http-app-manager'

const inStack = (stack: string, path: string) => join(ROOT, 'harness/.installed', stack, 'node_modules', path)
/** Each Node, and the npm that comes with it. */
const NODES = [
  { node: 16, stack: 'uws-20.10', npm: 8 },
  { node: 18, stack: 'uws-20.10', npm: 10 },
  { node: 20, stack: 'uws-20.30', npm: 10 },
  { node: 22, stack: 'npms', npm: 10 },
  { node: 24, stack: 'npms', npm: 11 },
].map(({ node, stack, npm }) => ({
  node,
  bin: inStack(stack, `node-${node}/bin/node`),
  npm: inStack('npms', `npm-${npm}/bin/npm-cli.js`),
}))

let folder: string
let tarball: string
let endpoint: Endpoint

beforeAll(async () => {
  execFileSync(process.execPath, [join(ROOT, 'harness/install.mjs'), 'uws-20.10', 'uws-20.30', 'npms'], {
    stdio: 'inherit',
  })
  folder = mkdtempSync(join(tmpdir(), 'package-'))
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: join(ROOT, 'adapter') })
  tarball = join(folder, readdirSync(folder)[0] ?? '')
  endpoint = await startEndpoint()
})
afterAll(async () => {
  await endpoint.close()
  rmSync(folder, { recursive: true })
})

/** An empty project with the package. */
async function install({ node, bin, npm }: (typeof NODES)[number]): Promise<string> {
  const project = join(folder, `project-${node}`)
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, 'package.json'), '{ "name": "empty", "private": true }')
  // Without a network, because the package has no dependencies.
  const args = [npm, 'install', '--offline', '--engine-strict', '--no-audit', '--no-fund', tarball]
  await promisify(execFile)(bin, args, { cwd: project })
  return project
}

describe('the packed package', () => {
  it.each(NODES)('looks an app up on Node $node, required and imported', async (on) => {
    const project = await install(on)
    const use = `
      const lookup = createAppLookup({ url: ${JSON.stringify(endpoint.url)}, token: process.env.TOKEN })
      lookup.findByKey('demo-key').then(({ id }) => console.log(id)).then(() => lookup.close())`
    const programs = {
      'required.cjs': `const { createAppLookup } = require('${NAME}')\n${use}`,
      'imported.mjs': `import { createAppLookup } from '${NAME}'\n${use}`,
    }
    for (const [file, text] of Object.entries(programs)) {
      writeFileSync(join(project, file), text)
      const { stdout, stderr } = await promisify(execFile)(on.bin, [file], { cwd: project, env: { TOKEN } })
      expect({ stdout, stderr }).toEqual({ stdout: 'demo\n', stderr: '' })
    }
  })

  it.each(NODES)('is silent on Node $node as a preload of another program', async (on) => {
    const project = await install(on)
    const args = ['--require', `${NAME}/register.cjs`, '-e', 'console.log(1)']
    const { stdout, stderr } = await promisify(execFile)(on.bin, args, { cwd: project })
    expect({ stdout, stderr }).toEqual({ stdout: '1\n', stderr: '' })
  })

  it('has its license, its README and types, and no other file', async () => {
    const [on] = NODES
    if (!on) throw new Error('unreachable')
    const installed = join(await install(on), 'node_modules', NAME)
    expect(readdirSync(installed).sort()).toEqual([
      'LICENSE',
      'README.md',
      'dist',
      'package.json',
      'register.cjs',
    ])
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({ name: NAME, version, license: 'Apache-2.0', engines: { node: '>=16' } })
    expect(manifest).not.toHaveProperty('dependencies')
    expect(readFileSync(join(installed, 'LICENSE'), 'utf8')).toContain('Apache License')
  })

  it('has types that a CommonJS and an ES module program compile with, and that refuse a wrong option', async () => {
    const [on] = NODES
    if (!on) throw new Error('unreachable')
    const project = await install(on)
    const use = (option: string) =>
      `import { type App, createAppLookup } from '${NAME}'
       const lookup = createAppLookup({ ${option}: 'https://lookup.example.com', token: 'a' })
       export const app: Promise<App | undefined> = lookup.findById('demo', { isSigned: true })`
    for (const extension of ['cts', 'mts']) writeFileSync(join(project, `fine.${extension}`), use('url'))
    writeFileSync(join(project, 'wrong.mts'), use('urls'))
    const compile = (...files: string[]) =>
      promisify(execFile)(
        join(ROOT, 'node_modules/.bin/tsc'),
        ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', '', ...files],
        { cwd: project },
      )
    await compile('fine.cts', 'fine.mts')
    await expect(compile('wrong.mts')).rejects.toThrow()
  })
})

import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { DEMO } from '../contract/row.ts'
import { TOKENS } from '../support/canary.ts'
import { startTestStack } from '../support/test-stack.ts'

const PACKAGE = new URL('client/', import.meta.url)
const cwd = fileURLToPath(PACKAGE)
const OPENAPI = fileURLToPath(new URL('../../openapi.yaml', import.meta.url))

/** Runs a program of the package. Fails with its output. */
async function run(program: string, ...args: string[]): Promise<string> {
  const env = {
    ...process.env,
    NO_COLOR: '1',
    REDOCLY_TELEMETRY: 'off',
    REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
  }
  const ran = await promisify(execFile)(program, args, { cwd, env }).catch(({ stdout, stderr }) =>
    Promise.reject(new Error(`${program} ${args.join(' ')}\n${stdout}${stderr}`)),
  )
  return ran.stdout + ran.stderr
}
const bin = (name: string) => `node_modules/.bin/${name}`

beforeAll(async () => {
  const installed = new URL('node_modules/.installed-lock.json', PACKAGE)
  const lock = new URL('package-lock.json', PACKAGE)
  if ((await readFile(installed, 'utf8').catch(() => '')) === (await readFile(lock, 'utf8'))) return
  await run('npm', 'ci', '--no-audit', '--no-fund')
  await copyFile(lock, installed)
})

describe('openapi.yaml', () => {
  it('passes redocly without a warning', async () => {
    await run(bin('redocly'), 'lint', OPENAPI, '--config', 'redocly.yaml', '--format', 'stylish')
  })

  it('passes spectral without a warning', async () => {
    await run(bin('spectral'), 'lint', OPENAPI, '--ruleset', 'spectral.yaml', '--fail-severity', 'hint')
  })

  // API Gateway imports 3.0 only.
  it('converts down to OpenAPI 3.0, which passes redocly too', async () => {
    const converted = 'generated/openapi-3.0.yaml'
    await mkdir(new URL('generated', PACKAGE), { recursive: true })
    await run(bin('openapi-down-convert'), '--input', OPENAPI, '--output', converted)
    await run(bin('redocly'), 'lint', converted, '--config', 'redocly.yaml', '--format', 'stylish')
  })
})

describe('a client that is generated from openapi.yaml', () => {
  it('compiles, with the types of requests and responses', async () => {
    await run(bin('openapi-typescript'), OPENAPI, '--output', 'generated/api.ts')
    await run(bin('tsc'), '--project', 'tsconfig.json')
  })

  it('gets responses of these types from the API', async () => {
    const {
      createLookup,
      describe: tell,
      BATCH,
      CONSISTENT,
    } = await import(pathToFileURL(`${cwd}generated/js/client.js`).href)
    const stack = await startTestStack()
    try {
      const lookup = createLookup(stack.url, TOKENS.full)
      expect(await lookup.findById('demo')).toEqual(DEMO)
      expect(await lookup.findById('nope')).toBeNull()
      await expect(lookup.findById('no-secret')).rejects.toThrow('app-malformed')
      expect(await lookup.findByKey('demo-key')).toEqual(DEMO)
      expect((await lookup.findMany(BATCH)).map(tell)).toEqual(['demo', 'demo', 'app-not-found'])
      expect((await lookup.findMany(CONSISTENT)).map(tell)).toEqual([
        'demo',
        expect.stringMatching(/^invalid-request: .*key/),
        'app-not-found',
      ])
    } finally {
      await stack.close()
    }
  })
})

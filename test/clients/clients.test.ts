import { exec } from 'node:child_process'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TOKENS } from '../support/canary.ts'
import { CLIENTS, ENVIRONMENT, OPENAPI_GENERATOR, PACKAGES } from './clients.ts'
import { type Request, requestsSince } from './requests.ts'
import { type Servers, startServers } from './servers.ts'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))

let servers: Servers
let requests: readonly Request[]

beforeAll(async () => {
  await Promise.all(Object.keys(PACKAGES).map((folder) => install(folder as keyof typeof PACKAGES)))
  await Promise.all([
    run('.', OPENAPI_GENERATOR),
    ...CLIENTS.map(({ folder, generate = 'true' }) => run(folder, generate)),
  ])
  servers = await startServers()
  requests = requestsSince(servers.cursor)
  await mkdir(`${FOLDER}generated`, { recursive: true })
  await writeFile(`${FOLDER}generated/requests.json`, JSON.stringify(requests.map(withUrl)))
})
afterAll(() => servers?.close())

describe.each(CLIENTS)('the client of $name', ({ folder, compile = 'true', send }) => {
  it('compiles, and gets every response with its status and code', async () => {
    await run(folder, compile)
    const outcomes = JSON.parse(await run(folder, `${send} <../generated/requests.json`))
    expect(requests.map((request, index) => ({ ...request, outcome: outcomes[index] }))).toEqual(requests)
  })
})

it('the TypeScript clients have types that are narrowed by status', async () => {
  await run('typescript', 'node_modules/.bin/tsc --project .')
})

it.each([
  ['webhooks', 'webhooks-key\n'],
  ['nope', 'No app has this id.\n'],
])('the example in Go tells whether there is an app with the id %s', async (id, printed) => {
  const lookup = `LOOKUP_URL=${servers.url}/lookup LOOKUP_TOKEN=${TOKENS.full}`
  expect(await run('../../examples/go', `go generate && ${lookup} go run . ${id}`)).toBe(printed)
})

const withUrl = ({ server, outcome: _, token = TOKENS.full, ...request }: Request) => ({
  ...request,
  token,
  url: servers.url + server,
})

async function install(folder: keyof typeof PACKAGES): Promise<void> {
  const { pins, install } = PACKAGES[folder]
  const [pinned, installed] = [`${FOLDER}${folder}/${pins}`, `${FOLDER}${folder}/generated/.installed`]
  if ((await readFile(installed, 'utf8').catch(() => '')) === (await readFile(pinned, 'utf8'))) return
  await run(folder, `mkdir -p generated && ${install}`)
  await copyFile(pinned, installed)
}

/** What a shell command prints. @throws Error with all its output, if it fails */
async function run(folder: string, command: string): Promise<string> {
  const options = { cwd: FOLDER + folder, env: ENVIRONMENT, shell: '/bin/bash', maxBuffer: 10 * 1024 * 1024 }
  const { stdout } = await promisify(exec)(command, options).catch(({ stdout, stderr }) =>
    Promise.reject(new Error(`${command}\n${stdout}${stderr}`)),
  )
  return stdout
}

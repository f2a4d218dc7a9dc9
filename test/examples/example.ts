import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { afterAll, expect, vi } from 'vitest'
import { startRegion } from '../../harness/misbehaving-region.ts'
import { expectNoSecret } from '../support/canary.ts'
import { startTestStack } from '../support/test-stack.ts'

/** The examples' README. */
export const README = readFileSync('examples/README.md', 'utf8')

/** An example as a process, and its output so far. */
export type Example = {
  readonly child: ChildProcessWithoutNullStreams
  readonly stdout: () => string
  readonly stderr: () => string
  /** Its exit status, once it has ended. */
  readonly exit: Promise<number | null>
}

export type Environment = Readonly<Record<string, string>>

/** A checkout of the examples alone, and the processes that were started in it. */
export type Checkout = {
  /** Writes a file that only its owner can read; its path. */
  file(name: string, text: string): string
  /** Builds the adapter and installs it for the Node examples, as their README says. */
  installAdapter(): void
  /** Starts a command with these variables, and without the lookup's variables of the tests' environment. */
  start(command: string | readonly string[], environment: Environment): Example
  /** Starts a service on any port, and waits until it listens. */
  startService(command: string, environment: Environment): Promise<Example & { readonly url: string }>
}

/** Creates a checkout. After the tests of the file, it stops every process, and fails if a service wrote a secret. */
export function checkOut(): Checkout {
  const folder = mkdtempSync(join(tmpdir(), 'examples-'))
  const started: Example[] = []
  const services: Example[] = []
  afterAll(async () => {
    for (const { child } of started) child.kill('SIGKILL')
    await Promise.all(started.map(({ exit }) => exit))
    rmSync(folder, { recursive: true })
    for (const { stdout, stderr } of services) expectNoSecret(stdout() + stderr())
  })
  for (const name of ['adapter', 'examples', 'tsconfig.json'])
    cpSync(name, join(folder, name), {
      recursive: true,
      filter: (path) => !['dist', 'node_modules', 'register.cjs'].includes(basename(path)),
    })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))

  const start: Checkout['start'] = (command, environment) => {
    const example = startProcess(command, folder, environment)
    started.push(example)
    return example
  }
  return {
    file(name, text) {
      writeFileSync(join(folder, name), text, { mode: 0o600 })
      return join(folder, name)
    },
    installAdapter: () => installAdapter(folder),
    start,
    async startService(command, environment) {
      const example = start(command, { PORT: '0', ...environment })
      services.push(example)
      return { ...example, url: await urlOf(example) }
    },
  }
}

function installAdapter(folder: string): void {
  const commands = [
    [process.execPath, 'adapter/build.ts'],
    ['npm', 'install', '--prefix', 'examples/node', '--offline', '--no-audit', '--no-fund'],
  ] as const
  for (const [program, ...args] of commands) {
    const { status, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
  }
}

/** @throws Error that says what to install, when the program is not on the PATH. */
export function needProgram(name: 'curl' | 'python3', version: string): void {
  if (spawnSync(name, ['--version']).error)
    throw new Error(`These tests need ${name} (${version} or later), and it is not installed.`)
}

/** The one command of the README's table that runs this file. */
export function commandOf(file: string): string {
  const [command, ...others] = [...README.matchAll(/\| `([^`\n]+)` *\|$/gm)]
    .map(([, text = '']) => text)
    .filter((text) => text.includes(`/${file}`))
  if (command === undefined || others.length > 0)
    throw new Error(`The README has not one command for ${file}.`)
  return command
}

function startProcess(
  command: string | readonly string[],
  folder: string,
  environment: Environment,
): Example {
  const words =
    typeof command === 'string' ? command.replace(/^npx node/, process.execPath).split(' ') : command
  const [program = '', ...args] = words
  const { LOOKUP_URL: _url, LOOKUP_TOKEN: _token, LOOKUP_TOKEN_FILE: _file, ...ambient } = process.env
  const child = spawn(program, args, { cwd: folder, env: { ...ambient, ...environment } })
  const written = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text) => {
      written[stream] += text
    })
  const exit = once(child, 'close').then(([code]) => code as number | null)
  return { child, exit, stdout: () => written.stdout, stderr: () => written.stderr }
}

async function urlOf({ stdout, stderr }: Example): Promise<string> {
  const find = () => /listening on (http:\S+)\n/.exec(stdout())?.[1]
  await vi.waitFor(() => expect(find(), stderr()).toBeDefined(), { timeout: 120_000 })
  return find() ?? ''
}

/** The real local stack, and a region in front of it that can misbehave. */
export async function startEndpoint() {
  const answers: string[] = []
  const stack = await startTestStack({
    onResponse: ({ status, method, path }) => answers.push(`${status} ${method} ${path}`),
  })
  // The examples have deadlines, which the start of a function can exceed on a busy machine.
  await stack.startFunctions()
  const region = await startRegion(stack.url)
  return {
    region,
    /** The options with which an admin command uses the table of the stack. */
    tableOptions: ['--table', 'apps', '--endpoint', stack.dynamodb?.endpoint ?? ''],
    /** The responses of the stack, as `200 GET /apps/demo`. */
    answers,
    async close() {
      await region.close()
      await stack.close()
    },
  }
}

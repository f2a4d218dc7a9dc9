import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Server } from 'node:net'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** The real client libraries that `install.mjs libraries` has installed. */
export const CLIENT_LIBRARIES = [
  'pusher-js',
  'laravel-echo',
  'pusher-client',
  'pusher-java-client',
  'pysher',
  'asyncpusher',
] as const

export type ClientLibrary = (typeof CLIENT_LIBRARIES)[number]

/** What a library's programs need to know of an app. */
export type AppCredentials = { readonly id: string; readonly key: string; readonly secret: string }

/** A client, and its history; times are those of `performance.now()`. */
export type LibraryClient = {
  readonly library: ClientLibrary
  /** When it opened a connection. */
  readonly attempts: readonly number[]
  /** What its application was told: `connected`, `error CODE`, `subscribed CHANNEL` or `event CHANNEL FROM`. */
  readonly told: readonly { readonly what: string; readonly at: number }[]
  hasBeenTold(what: string): boolean
}

const INSTALLED = fileURLToPath(new URL('.installed/libraries/', import.meta.url))

type Told = { what: string; at: number }

/** The processes, one for each library, and what each of its clients is told. */
const processes = new Map<ClientLibrary, { readonly child: ChildProcess; readonly clients: Told[][] }>()
const proxies = new Set<Server>()

/** Starts a client of an app on a soketi of this machine. It subscribes to `private-room` and `presence-room`. */
export async function startLibraryClient(
  library: ClientLibrary,
  soketiPort: number,
  { id, key, secret }: AppCredentials,
): Promise<LibraryClient> {
  const attempts: number[] = []
  const proxy = createServer((socket) => {
    attempts.push(performance.now())
    const upstream = createConnection(soketiPort, '127.0.0.1')
    // Both are destroyed once one of them is closed: piped by hand, some would stay open.
    pipeline(socket, upstream, socket, () => {})
  })
  proxies.add(proxy)
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { port } = proxy.address() as AddressInfo

  const { child, clients } = processOf(library)
  const told: Told[] = []
  const number = clients.push(told) - 1
  child.stdin?.write(`${[number, port, id, key, secret].join(' ')}\n`)
  return { library, attempts, told, hasBeenTold: (what) => told.some((each) => each.what.startsWith(what)) }
}

function processOf(library: ClientLibrary) {
  const running = processes.get(library)
  if (running) return running
  const clients: Told[][] = []
  const child = startLibrary(...programOf(library))
  if (!child.stdout) throw new Error('The program has no pipes.')
  createInterface(child.stdout).on('line', (line) => {
    const [, number = '', what = ''] = /^(\d+) (.*)$/.exec(line) ?? []
    clients[Number(number)]?.push({ what, at: performance.now() })
  })
  const started = { child, clients }
  processes.set(library, started)
  return started
}

/** Ends every client. */
export function closeLibraryClients(): void {
  for (const { child } of processes.values()) child.kill('SIGKILL')
  processes.clear()
  for (const proxy of proxies) proxy.close()
  proxies.clear()
}

/** Starts a program of `libraries/`; its errors are not printed, because libraries write logs there. */
export function startLibrary(program: string, ...args: readonly string[]): ChildProcess {
  return spawn(program, args, {
    cwd: INSTALLED,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH, PYTHONPATH: `${INSTALLED}python` },
  })
}

function programOf(library: ClientLibrary): [program: string, ...args: string[]] {
  switch (library) {
    case 'pusher-java-client':
      return ['java', '-cp', 'java:java/*', 'Client']
    case 'pysher':
    case 'asyncpusher':
      return ['python3', 'client.py', library]
    default:
      return [process.execPath, 'client.mjs', library]
  }
}

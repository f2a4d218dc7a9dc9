import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { ADAPTER_FILE, type SoketiNode } from './nodes.ts'
import { freePorts } from './ports.ts'
import { until } from './until.ts'

/** What to start, and how. */
export type SoketiOptions = {
  readonly node: SoketiNode
  readonly env?: Readonly<Record<string, string>>
  /** The script for Node; soketi's command line by default. */
  readonly args?: readonly string[]
  /** Whether Node loads the adapter with `--require`, or the path of another build of it; true by default. */
  readonly preload?: boolean | string
  readonly cwd?: string
  /** Another user to run as. */
  readonly uid?: number
}

/** A soketi in a child process. */
export type Soketi = {
  readonly port: number
  readonly metricsPort: number
  readonly process: ChildProcess
  /** Its output so far, stdout and stderr. */
  output(): string
  /** Its exit code, once it has exited. */
  readonly exited: Promise<number | null>
  /** Resolves once it listens; rejects with its output if it exits before that. */
  listening(): Promise<void>
  isRunning(): boolean
  kill(signal?: NodeJS.Signals): Promise<number | null>
}

const running = new Set<Soketi>()

/** Starts soketi and waits until it listens. */
export async function startSoketi(options: SoketiOptions): Promise<Soketi> {
  const soketi = await spawnSoketi(options)
  await soketi.listening()
  return soketi
}

/** Starts soketi, or the script in `args`, without waiting. */
export async function spawnSoketi(options: SoketiOptions): Promise<Soketi> {
  const { node, env = {}, preload = true, cwd, uid } = options
  const [port, metricsPort, clusterPort] = await freePorts(3)
  const args = options.args ?? [`${node.soketi}bin/server.js`, 'start']
  const adapter = preload === true ? ADAPTER_FILE : preload
  const child = spawn(node.bin, [...(adapter ? ['--require', adapter] : []), ...args], {
    cwd,
    ...(uid === undefined ? {} : { uid, gid: uid }),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: tmpdir(), // pm2, which soketi loads, keeps a folder there
      SOKETI_HOST: '127.0.0.1',
      SOKETI_PORT: String(port),
      SOKETI_METRICS_HOST: '127.0.0.1',
      SOKETI_METRICS_SERVER_PORT: String(metricsPort),
      SOKETI_CLUSTER_HOST: '127.0.0.1',
      SOKETI_CLUSTER_PORT: String(clusterPort),
      SOKETI_CLUSTER_UNICAST_ADDRESSES: '127.0.0.1',
      SOKETI_SHUTDOWN_GRACE_PERIOD: '10',
      ...env,
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text))

  const exited = once(child, 'close').then(([code]) => code as number | null)
  const soketi: Soketi = {
    port: port as number,
    metricsPort: metricsPort as number,
    process: child,
    output: () => output,
    exited,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async listening() {
      await until(
        () => output.includes('Server is up and running') || !soketi.isRunning(),
        30_000,
        () => output,
      )
      if (!soketi.isRunning()) throw new Error(`soketi exited with ${child.exitCode}:\n${output}`)
    },
    async kill(signal = 'SIGKILL') {
      if (soketi.isRunning()) child.kill(signal)
      return exited
    },
  }
  running.add(soketi)
  exited.then(() => running.delete(soketi))
  return soketi
}

/** Stops every soketi of a test file. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map((soketi) => soketi.kill()))
}

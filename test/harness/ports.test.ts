import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it, vi } from 'vitest'
import { freePorts } from '../../harness/ports.ts'

it('a port is found once, also by calls at the same time and by other workers', async () => {
  const found: number[] = []
  for (const worker of ['1', '2', '3']) {
    vi.stubEnv('VITEST_POOL_ID', worker)
    found.push(...(await Promise.all([freePorts(20), freePorts(20)])).flat())
  }
  expect(new Set(found).size).toBe(120)
})

it('a port that is in use is not found', async () => {
  const [port = 0] = await freePorts(1)
  const server = createServer().listen(port + 1, '127.0.0.1')
  await once(server, 'listening')
  const [next] = await freePorts(1)
  server.close()
  expect(next).toBe(port + 2)
})

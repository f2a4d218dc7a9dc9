import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createLoadGenerator, type LoadGenerator } from '../../bench/load/load-generator.ts'
import type { Request } from '../../bench/load/traffic.ts'

const request: Request = { kind: 'GET', method: 'GET', path: '/', headers: {}, status: 200 }
const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

async function load(listener: RequestListener, sent: Request = request): Promise<LoadGenerator> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const generator = createLoadGenerator(`http://127.0.0.1:${port}`, () => sent)
  ends.push(
    generator.close,
    () => server.closeAllConnections(),
    () => server.close(),
  )
  return generator
}

describe('the load generator', () => {
  it('finds no error in a server that answers as it must', async () => {
    const generator = await load((_request, response) => response.end('x'))
    const { latencies, kinds, errors } = await generator.saturate(0.2, 4)
    expect(latencies.length).toBeGreaterThan(4)
    expect(kinds.get('GET')).toBe(latencies.length)
    expect([...errors]).toEqual([])
  })

  it.each<[string, RequestListener, string]>([
    ['another status', (_request, response) => response.writeHead(503).end(), 'GET: status 503'],
    ['another app', (_request, response) => response.end('y'), 'GET: a wrong answer'],
    ['a reset', (request) => request.socket.resetAndDestroy(), 'GET: read ECONNRESET'],
    ['a connection that is closed', (request) => request.socket.end(), 'GET: socket hang up'],
    [
      'half a response',
      (request, response) => {
        response.writeHead(200, { 'content-length': 2 }).write('x', () => request.socket.end())
      },
      'GET: aborted',
    ],
  ])('counts %s as an error', async (_title, listener, error) => {
    const generator = await load(listener, { ...request, isRight: ({ text }) => text === 'x' })
    const { errors } = await generator.pace(0.2, 10)
    expect([...errors]).toEqual([[error, 2]])
  })

  it('sends at a fixed rate however long the responses take, and counts the time that requests had to wait', async () => {
    let waiting = 0
    const all = Promise.withResolvers<void>()
    const generator = await load(async (_request, response) => {
      if (++waiting === 20) all.resolve()
      await all.promise
      response.end('x')
    })
    const { latencies, lags, errors } = await generator.pace(0.2, 100)
    expect([...errors]).toEqual([])
    expect(latencies).toHaveLength(20)
    expect(lags).toHaveLength(20)
    // The first was due 190 ms before the last. All of them wait for the last.
    expect(Math.max(...latencies)).toBeGreaterThanOrEqual(190)
  })
})

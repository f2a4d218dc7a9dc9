import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { growthOf } from '../../bench/load/growth.ts'
import { type Counts, createLoadGenerator } from '../../bench/load/load-generator.ts'

/** Puts load on this server for a moment, with requests whose right response is the text `x`. */
async function load(listener: RequestListener): Promise<Counts & { readonly perSecond: number }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const generator = createLoadGenerator(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => ({
    kind: 'GET',
    method: 'GET',
    path: '/',
    headers: {},
    status: 200,
    isRight: ({ text }) => text === 'x',
  }))
  return { ...generator, perSecond: await generator.run(0.2, 4) }
}

describe('the load generator', () => {
  it('counts correct responses and cache hits', async () => {
    const { kinds, cache, errors, perSecond } = await load((_request, response) => {
      response.setHeader('server-timing', 'cache;desc=hit').end('x')
    })
    expect(kinds.get('GET')).toBeGreaterThanOrEqual(4)
    expect(perSecond).toBeGreaterThan(0)
    expect(cache.get('hit')).toBe(kinds.get('GET'))
    expect([...errors]).toEqual([])
  })

  it.each<[string, RequestListener, string]>([
    ['another status', (_request, response) => response.writeHead(503).end(), 'GET: status 503'],
    ['another app', (_request, response) => response.end('y'), 'GET: a wrong response'],
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
    const { kinds, errors, perSecond } = await load(listener)
    expect([...errors.keys()]).toEqual([error])
    expect([...kinds]).toEqual([])
    expect(perSecond).toBe(0)
  })
})

const noise = (index: number) => 2 * Math.sin(7919 * index)
const series = (value: (index: number) => number) => Array.from({ length: 40 }, (_, index) => value(index))

describe('the growth of memory', () => {
  it('is the difference between the first quarter and the end of a growing series', () => {
    expect(growthOf(series((index) => 100 + index))).toBe(25)
    expect(growthOf(series((index) => 100 + index + noise(index)))).toBeGreaterThan(20)
  })

  it('is close to 0 in a noisy series that does not grow', () => {
    expect(Math.abs(growthOf(series((index) => 100 + noise(index))))).toBeLessThan(2)
  })

  it('ignores the warm-up, a peak and a single outlier', () => {
    expect(growthOf(series((index) => Math.min(100, 10 * index)))).toBe(0)
    expect(growthOf(series((index) => (index > 15 && index < 30 ? 200 : 100)))).toBe(0)
    expect(growthOf(series((index) => (index === 39 ? 200 : 100)))).toBe(0)
  })
})

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createDriver, type Driver } from '../../bench/load/drive.ts'
import type { Question } from '../../bench/load/traffic.ts'

const question: Question = { kind: 'GET', method: 'GET', path: '/', headers: {}, status: 200 }
const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

async function drive(answer: RequestListener, asked: Question = question): Promise<Driver> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const driver = createDriver(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => asked)
  ends.push(
    driver.close,
    () => server.closeAllConnections(),
    () => server.close(),
  )
  return driver
}

describe('the load', () => {
  it('has no problem with a server that answers as it must', async () => {
    const driver = await drive((_request, response) => response.end('x'))
    const { latencies, answers, problems } = await driver.saturate(0.2, 4)
    expect(latencies.length).toBeGreaterThan(4)
    expect(answers).toEqual({ GET: latencies.length })
    expect(problems).toEqual({})
  })

  it.each<[string, RequestListener, string]>([
    ['another status', (_request, response) => response.writeHead(503).end(), 'GET: status 503'],
    ['another app', (_request, response) => response.end('y'), 'GET: a wrong answer'],
    ['a reset', (request) => request.socket.resetAndDestroy(), 'GET: read ECONNRESET'],
    ['a connection that is closed', (request) => request.socket.end(), 'GET: socket hang up'],
    [
      'half an answer',
      (request, response) => {
        response.writeHead(200, { 'content-length': 2 }).write('x', () => request.socket.end())
      },
      'GET: aborted',
    ],
  ])('takes %s for a problem', async (_title, answer, problem) => {
    const driver = await drive(answer, { ...question, isRight: ({ text }) => text === 'x' })
    const { problems } = await driver.pace(0.2, 10)
    expect(problems).toEqual({ [problem]: 2 })
  })

  it('sends at a fixed rate however long the answers take, and counts what had to wait', async () => {
    let waiting = 0
    const all = Promise.withResolvers<void>()
    const driver = await drive(async (_request, response) => {
      if (++waiting === 20) all.resolve()
      await all.promise
      response.end('x')
    })
    const { latencies, lags, problems } = await driver.pace(0.2, 100)
    expect(problems).toEqual({})
    expect(latencies).toHaveLength(20)
    expect(lags).toHaveLength(20)
    // The first was due 190 ms before the last, on which all of them wait.
    expect(Math.max(...latencies)).toBeGreaterThanOrEqual(190)
  })
})

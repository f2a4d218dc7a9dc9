import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { expectResponse, problem } from '../contract/expected.ts'
import { get, post } from '../contract/row.ts'
import { answer, fails, has, MISBEHAVIOURS, type Misbehaviour } from '../support/misbehaving-dynamodb.ts'
import { captureOutput } from '../support/output.ts'
import { type FunctionOn, functionsOnDynamoDB } from './function-on.ts'

captureOutput()
const start = functionsOnDynamoDB()
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`)
const batchOf = (names: readonly string[]) => post({ apps: names.map((id) => ({ id })) })
const statusesOf = (body: string) => JSON.parse(body).results.map(({ status }: { status: number }) => status)
const idIn = (body: string): string => JSON.parse(body).Key.AppId.S
const well = has()

describe('connections that the server has closed', () => {
  const WAYS: Readonly<Record<string, (socket: Socket) => void>> = {
    'are reset': (socket) => socket.resetAndDestroy(),
    'are closed': (socket) => socket.end(),
    'swallow everything': () => {},
  }

  it.each(Object.entries(WAYS))('that %s fail no lookup', async (_way, giveUp) => {
    const open = new Set<Socket>()
    const givenUp = new Set<Socket>()
    const { invoke, dynamodb } = await start((request, ...rest) => {
      open.add(request.socket)
      if (givenUp.has(request.socket)) giveUp(request.socket)
      // Slow enough for the ten reads of a batch to need ten connections.
      else setTimeout(() => well(request, ...rest), 50)
    }, 'LookupApps')
    const giveUpAll = () => {
      for (const socket of open) givenUp.add(socket)
    }

    await invoke(batchOf(ids('before', 20)))
    expect(open.size).toBeGreaterThanOrEqual(10)
    giveUpAll()
    const before = dynamodb.attempts()
    for (const id of ids('after', 3)) expect((await invoke(post({ id }))).wire.status).toBe(404)
    // The first one failed, and closed the others.
    expect(dynamodb.attempts()).toBe(before + 4)

    await invoke(batchOf(ids('again', 20)))
    giveUpAll()
    expect(statusesOf((await invoke(batchOf(ids('last', 20)))).wire.body)).toEqual(Array(20).fill(404))
  })

  it('count as no attempt: three more are made on new connections', async () => {
    const known = new Set<Socket>()
    let failures = 0
    const { invoke, dynamodb } = await start((request, response, ...rest) => {
      if (known.has(request.socket)) return request.socket.destroy()
      if (failures-- > 0) return fails(500, 'InternalServerError')(request, response, ...rest)
      known.add(request.socket)
      well(request, response, ...rest)
    })
    await invoke(get('/apps/a'))
    failures = 2
    expect((await invoke(get('/apps/b'))).wire.status).toBe(404)
    expect(dynamodb.attempts()).toBe(1 + 4)
  })
})

describe('attempts', () => {
  it('are three for every read, also after an outage', async () => {
    let isDown = true
    const asked = new Set<string>()
    const { invoke } = await start((request, response, attempt, body) => {
      if (isDown) return MISBEHAVIOURS['answers 500'](request, response, attempt, body)
      const isFirst = !asked.has(idIn(body))
      asked.add(idIn(body))
      if (isFirst) request.socket.destroy()
      else well(request, response, attempt, body)
    }, 'LookupApps')
    expect(statusesOf((await invoke(batchOf(ids('down', 60)))).wire.body)).toEqual(Array(60).fill(503))
    isDown = false
    expect(statusesOf((await invoke(batchOf(ids('up', 20)))).wire.body)).toEqual(Array(20).fill(404))
  })

  it('end with the deadline: nothing is sent after the response', async () => {
    const expired = fails(400, 'InvalidSignatureException', 'Signature expired: made up')
    const faults = [MISBEHAVIOURS.hangs, slowly(100, well), MISBEHAVIOURS.resets, slowly(100, expired)]
    const started: FunctionOn[] = []
    for (const misbehave of faults)
      started.push(
        await start(misbehave, 'LookupApps', {
          DYNAMODB_ATTEMPT_TIMEOUT_MS: '150',
          DYNAMODB_DEADLINE_MS: '400',
        }),
      )
    await Promise.all(started.map(({ invoke }) => invoke(batchOf(ids('none', 100)))))
    // The last requests can still be in flight, for longer on a busy machine.
    await pause(500)
    const whenAnswered = started.map(({ dynamodb }) => dynamodb.attempts())
    await pause(1000)
    expect(started.map(({ dynamodb }) => dynamodb.attempts())).toEqual(whenAnswered)
  })

  it('end in time for a response before Lambda ends the function', async () => {
    const patient = { DYNAMODB_DEADLINE_MS: '10000', DYNAMODB_ATTEMPT_TIMEOUT_MS: '5000' }
    const { invoke } = await start(MISBEHAVIOURS.hangs, 'FindAppById', patient)
    // The time also depends on other work of the machine, so one of three requests must be fast enough.
    const times: number[] = []
    while (times.length < 3 && !times.some((ms) => ms < 1000)) {
      const { wire, ms } = await invoke('find-by-id', 1000)
      expectResponse(wire, problem(503, 'store-unavailable'))
      times.push(ms)
    }
    expect(Math.min(...times)).toBeLessThan(1000)
  })

  it('are made once for an id that is in a batch a hundred times', async () => {
    const hanging = await start(MISBEHAVIOURS.resets, 'LookupApps')
    expect(statusesOf((await hanging.invoke(batchOf(Array(100).fill('same')))).wire.body)).toEqual(
      Array(100).fill(503),
    )
    expect(hanging.dynamodb.attempts()).toBe(3)

    const slow = await start(slowly(50, well), 'LookupApps', { NEGATIVE_CACHE_TTL_SECONDS: '0' })
    expect(statusesOf((await slow.invoke(batchOf(Array(100).fill('same')))).wire.body)).toEqual(
      Array(100).fill(404),
    )
    expect(slow.dynamodb.attempts()).toBe(1)
  })
})

describe('a throttle', () => {
  const throttles = fails(400, 'ThrottlingException')
  const WAYS: Readonly<Record<string, Misbehaviour>> = {
    'asks to wait a second': withHeaders({ 'retry-after': '1' }),
    'asks to wait five seconds': withHeaders({ 'x-amz-retry-after': '5000' }),
    'takes 600 ms': slowly(600, throttles),
    'takes 600 ms, and then nothing comes': (request, response, attempt, body) =>
      attempt < 3 ? slowly(600, throttles)(request, response, attempt, body) : undefined,
    'is a status alone': (_request, response) => response.writeHead(429).end('slow down'),
  }

  it('with a URL after its name is tried three times like any other', async () => {
    const { invoke, dynamodb } = await start(
      fails(400, 'ThrottlingException:http://internal.amazon.com/coral/com.amazon.coral.availability/'),
    )
    expectResponse((await invoke('find-by-id')).wire, problem(503, 'store-throttled'))
    expect(dynamodb.attempts()).toBe(3)
  })

  it.each(Object.entries(WAYS))('that %s is told as a throttle', async (_way, misbehave) => {
    const { invoke } = await start(misbehave)
    expectResponse((await invoke('find-by-id')).wire, problem(503, 'store-throttled'))
  })
})

function withHeaders(headers: Readonly<Record<string, string>>): Misbehaviour {
  const body = { __type: 'com.amazon.coral.availability#ThrottlingException', message: 'made up' }
  return (_request, response) => answer(response, 400, body, headers)
}

function slowly(ms: number, misbehave: Misbehaviour): Misbehaviour {
  return (...parts) => void setTimeout(() => misbehave(...parts), ms)
}

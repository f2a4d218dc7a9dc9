import { backend, connect, disconnectAll } from '../harness/clients.ts'
import { openRawSocket } from '../harness/raw-socket.ts'

/**
 * Measures how long a new pusher-js client takes to connect, for one app after the other, in ms.
 *
 * @throws {Error} if one is rejected
 */
export async function timeHandshakes(port: number, ids: readonly string[]): Promise<number[]> {
  const times: number[] = []
  for (const id of ids) {
    const startedMs = performance.now()
    const { pusher, errors } = connect(port, `${id}-key`)
    await new Promise((resolve, reject) => {
      pusher.connection.bind('connected', resolve)
      pusher.connection.bind('error', () =>
        reject(new Error(`${id} was rejected with ${errors.join(', ')}.`)),
      )
    })
    times.push(performance.now() - startedMs)
    pusher.disconnect()
  }
  disconnectAll()
  return times
}

/**
 * Measures how long the `pusher` SDK takes to publish an event, for one app after the other, in ms.
 *
 * @throws {Error} if one is not accepted
 */
export async function timePublishes(port: number, ids: readonly string[]): Promise<number[]> {
  const times: number[] = []
  for (const id of ids) {
    const startedMs = performance.now()
    const response = await publish(port, id)
    times.push(performance.now() - startedMs)
    const code = await errorCode(response)
    if (code !== undefined) throw new Error(`Publishing to ${id} was rejected with ${code}.`)
  }
  return times
}

/**
 * Connects once, without retries, and waits until the connection is rejected.
 *
 * @returns the time in seconds
 * @throws {Error} if it is closed with another code
 */
export async function timeRejectedHandshake(port: number, id: string, code: number): Promise<number> {
  const startedMs = performance.now()
  const socket = await openRawSocket(port, `${id}-key`)
  expectCode(await socket.closed, code)
  return (performance.now() - startedMs) / 1000
}

/** The same for one publish. soketi can respond with 200 and have the code in the body. */
export async function timeRejectedPublish(port: number, id: string, code: number): Promise<number> {
  const startedMs = performance.now()
  expectCode(await publish(port, id).then(errorCode, ({ status }: { status: number }) => status), code)
  return (performance.now() - startedMs) / 1000
}

const publish = (port: number, id: string) => backend(port, id).trigger('news', 'headline', { text: 'hello' })

async function errorCode(response: Awaited<ReturnType<typeof publish>>): Promise<number | undefined> {
  const body: { code?: number } = JSON.parse(await response.text())
  return body.code
}

function expectCode(code: number | undefined, expected: number): void {
  if (code !== expected) throw new Error(`It was rejected with ${code} instead of ${expected}.`)
}

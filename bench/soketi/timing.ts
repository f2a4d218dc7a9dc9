import { backend, connect, disconnectAll } from '../../harness/clients.ts'
import { openRawSocket } from '../../harness/raw-socket.ts'

/** A refusal: how long it took, in ms, and a WebSocket's close code or the code of an HTTP answer. */
export type Refusal = { readonly ms: number; readonly code: number }

/**
 * How long a new pusher-js takes to be connected, for one app after the other, in ms.
 *
 * @throws {Error} if one is refused
 */
export async function timeHandshakes(port: number, ids: readonly string[]): Promise<number[]> {
  const times: number[] = []
  for (const id of ids) {
    const startedMs = performance.now()
    const { pusher, errors } = connect(port, `${id}-key`)
    await new Promise((resolve, reject) => {
      pusher.connection.bind('connected', resolve)
      pusher.connection.bind('error', () => reject(new Error(`${id} was refused with ${errors.join(', ')}.`)))
    })
    times.push(performance.now() - startedMs)
    pusher.disconnect()
  }
  disconnectAll()
  return times
}

/**
 * How long the `pusher` SDK takes to publish an event, for one app after the other, in ms.
 *
 * @throws {Error} if one is not accepted
 */
export async function timePublishes(port: number, ids: readonly string[]): Promise<number[]> {
  const times: number[] = []
  for (const id of ids) {
    const startedMs = performance.now()
    const answer = await publish(port, id)
    times.push(performance.now() - startedMs)
    const code = await errorCode(answer)
    if (code !== undefined) throw new Error(`Publishing to ${id} was refused with ${code}.`)
  }
  return times
}

/** Connects once, without a client that would retry, and waits until that is refused. */
export async function timeRefusedHandshake(port: number, id: string): Promise<Refusal> {
  const startedMs = performance.now()
  const socket = await openRawSocket(port, `${id}-key`)
  const code = await socket.closed
  return { ms: performance.now() - startedMs, code }
}

/** Publishes once and waits until that is refused; soketi says 200 and has the code in the body. */
export async function timeRefusedPublish(port: number, id: string): Promise<Refusal> {
  const startedMs = performance.now()
  const code = await publish(port, id).then(errorCode, ({ status }: { status: number }) => status)
  return { ms: performance.now() - startedMs, code: code ?? 200 }
}

const publish = (port: number, id: string) => backend(port, id).trigger('news', 'headline', { text: 'hello' })

async function errorCode(answer: Awaited<ReturnType<typeof publish>>): Promise<number | undefined> {
  const body: { code?: number } = JSON.parse(await answer.text())
  return body.code
}

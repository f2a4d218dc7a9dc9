import { type ChildProcess, type ForkOptions, fork } from 'node:child_process'
import { once } from 'node:events'

const WAIT_MS = 60_000

/** A process of its own, so that it shares neither event loop nor memory with what measures it. */
export type Child<Started> = {
  /** What it sent when it was ready. */
  readonly started: Started
  /** Sends it a message and resolves with its response. */
  ask<Response>(message?: unknown): Promise<Response>
  stop(): void
}

/**
 * Starts a module that calls `serveParent`.
 *
 * @param name what an error calls it
 * @throws {Error} if it ends, or sends nothing for a minute; so does `ask`
 */
export async function startChild<Started>(
  name: string,
  module: URL,
  options: ForkOptions = {},
): Promise<Child<Started>> {
  const child = fork(module, options)
  return {
    started: await nextMessage<Started>(child, name),
    ask(message = '') {
      child.send(message as object)
      return nextMessage(child, name)
    },
    stop: () => void child.kill(),
  }
}

/** In the child: says that it is ready, answers every message of the parent, and ends with it. */
export function serveParent<Message>(started: unknown, answer: (message: Message) => unknown): void {
  process.on('disconnect', () => process.exit())
  process.on('message', async (message) => process.send?.(await answer(message as Message)))
  process.send?.(started)
}

async function nextMessage<T>(child: ChildProcess, name: string): Promise<T> {
  const ended = new AbortController()
  const end = () => ended.abort()
  child.once('exit', end)
  try {
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(WAIT_MS)])
    const [message] = await once(child, 'message', { signal })
    return message as T
  } catch (cause) {
    throw new Error(`The process of ${name} ended, or does not answer.`, { cause })
  } finally {
    child.off('exit', end)
  }
}

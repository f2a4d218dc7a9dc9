import { type ChildProcess, type ForkOptions, fork } from 'node:child_process'
import { once } from 'node:events'

const WAIT_MS = 60_000

/** A child process, which shares neither event loop nor memory with the process that measures. */
export type Child<Started> = {
  /** The message that it sent when it was ready. */
  readonly started: Started
  /** Sends it a message and resolves with its response. */
  ask<Response>(message?: unknown): Promise<Response>
  stop(): void
}

/**
 * Starts a module that calls `serveParent`.
 *
 * @param name its name in errors
 * @throws {Error} if it ends, or sends nothing for a minute. `ask` throws the same.
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

/** In the child: tells the parent that it is ready, answers its messages, and ends when the parent ends. */
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

import { type ForkOptions, fork } from 'node:child_process'
import { once } from 'node:events'

const WAIT_MS = 60_000

/** `waitMs` is how long to wait for a message, a minute by default. */
type ChildOptions = ForkOptions & { readonly waitMs?: number }

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
 * @throws {Error} if it ends, or sends nothing for so long. `ask` throws the same.
 */
export async function startChild<Started>(
  name: string,
  module: URL,
  args: readonly string[] = [],
  { waitMs = WAIT_MS, ...options }: ChildOptions = {},
): Promise<Child<Started>> {
  const child = fork(module, args, options)
  const ended = new AbortController()
  child.once('exit', () => ended.abort())
  return {
    started: await nextMessage<Started>(),
    ask(message = '') {
      child.send(message as object)
      return nextMessage()
    },
    stop: () => void child.kill(),
  }

  async function nextMessage<Message>(): Promise<Message> {
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(waitMs)])
    try {
      const [message] = await once(child, 'message', { signal })
      return message
    } catch (cause) {
      throw new Error(`The process of ${name} exited, or does not respond.`, { cause })
    }
  }
}

/** In the child: reports to the parent that it is ready, responds to its messages, and exits when the parent exits. */
export function serveParent<Message>(started: unknown, answer: (message: Message) => unknown): void {
  process.on('disconnect', () => process.exit())
  process.on('message', async (message) => process.send?.(await answer(message as Message)))
  process.send?.(started)
}

import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'
import type { StackFunction } from './stack.ts'

/** A function of the stack, in a thread with its own environment variables. */
export type Lambda = {
  /** Resolves to what the handler returns; rejects if it throws or times out. */
  invoke(event: unknown): Promise<unknown>
  /** Ends the thread after the invocations in flight. */
  close(): Promise<void>
}

/** The messages to and from the thread. */
export type Invocation = { readonly id: number; readonly event: unknown }
export type Outcome = { readonly id: number; readonly result?: unknown; readonly error?: string }

/**
 * Starts a function.
 *
 * @param ambient environment variables in addition to the template's (credentials, the SDK's files)
 * @param onLog is called with each line that the function writes
 */
export function startLambda(
  { name, entry, timeoutMs, environment }: StackFunction,
  ambient: Readonly<Record<string, string | undefined>>,
  onLog: (line: string) => void,
): Promise<Lambda> {
  const worker = new Worker(new URL('lambda-thread.ts', import.meta.url), {
    env: { ...ambient, ...environment },
    stdout: true,
    workerData: { name, entry: entry.href, timeoutMs },
  })
  createInterface({ input: worker.stdout }).on('line', onLog)
  const inFlight = new Map<number, PromiseWithResolvers<unknown>>()
  let lastId = 0

  const invoke = async (event: unknown): Promise<unknown> => {
    const id = ++lastId
    const settled = Promise.withResolvers<unknown>()
    inFlight.set(id, settled)
    const timer = setTimeout(
      () => settled.reject(new Error(`${name} timed out after ${timeoutMs} ms`)),
      timeoutMs,
    )
    worker.postMessage({ id, event } satisfies Invocation)
    return settled.promise.finally(() => {
      clearTimeout(timer)
      inFlight.delete(id)
    })
  }
  const close = async () => {
    await Promise.allSettled([...inFlight.values()].map(({ promise }) => promise))
    await worker.terminate()
  }

  return new Promise((resolve, reject) => {
    worker.on('error', (error) => {
      reject(error)
      for (const { reject } of inFlight.values()) reject(error)
    })
    worker.once('message', () => {
      worker.on('message', ({ id, result, error }: Outcome) =>
        error === undefined ? inFlight.get(id)?.resolve(result) : inFlight.get(id)?.reject(new Error(error)),
      )
      resolve({ invoke, close })
    })
  })
}

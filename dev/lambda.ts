import { Worker } from 'node:worker_threads'
import type { StackFunction } from './stack.ts'

/** A function of the stack that runs here, in a thread with an environment of its own, as on Lambda. */
export type Lambda = {
  /** What the handler answers; rejects if it throws or its timeout passes. */
  invoke(event: unknown): Promise<unknown>
  /** Starts the function again from its source; the old one answers until the new one is ready, or if it can't start. */
  reload(): Promise<void>
  close(): Promise<void>
}

/** What an instance and its thread say to each other. */
export type Invocation = { readonly id: number; readonly event: unknown }
export type Outcome = { readonly id: number; readonly result?: unknown; readonly error?: string }

/**
 * Starts a function.
 *
 * @param ambient environment variables beside the template's (credentials, where the SDK finds its files)
 * @param onLog is called with each line that the function writes
 */
export async function startLambda(
  spec: StackFunction,
  ambient: Readonly<Record<string, string | undefined>>,
  onLog: (line: string) => void,
): Promise<Lambda> {
  const start = () => startInstance(spec, { ...ambient, ...spec.environment }, onLog)
  let instance = await start()
  return {
    invoke: (event) => instance.invoke(event),
    async reload() {
      const next = await start()
      const last = instance
      instance = next
      await last.close()
    },
    close: () => instance.close(),
  }
}

type Instance = Pick<Lambda, 'invoke' | 'close'>

function startInstance(
  { name, entry, timeoutMs }: StackFunction,
  env: Record<string, string | undefined>,
  onLog: (line: string) => void,
): Promise<Instance> {
  const worker = new Worker(new URL('lambda-thread.ts', import.meta.url), {
    env,
    stdout: true,
    workerData: { name, entry: entry.href, timeoutMs },
  })
  worker.stdout
    .setEncoding('utf8')
    .on('data', (text: string) => text.split('\n').filter(Boolean).forEach(onLog))
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let lastId = 0

  const invoke = async (event: unknown): Promise<unknown> => {
    const id = ++lastId
    const settled = Promise.withResolvers<unknown>()
    waiting.set(id, settled)
    const timer = setTimeout(
      () => settled.reject(new Error(`${name} timed out after ${timeoutMs} ms`)),
      timeoutMs,
    )
    worker.postMessage({ id, event } satisfies Invocation)
    return settled.promise.finally(() => {
      clearTimeout(timer)
      waiting.delete(id)
    })
  }
  const close = async () => {
    await Promise.allSettled([...waiting.values()].map(({ promise }) => promise))
    await worker.terminate()
  }

  return new Promise((resolve, reject) => {
    worker.on('error', (error) => {
      reject(error)
      for (const { reject } of waiting.values()) reject(error)
    })
    worker.once('message', () => {
      worker.on('message', ({ id, result, error }: Outcome) =>
        error === undefined ? waiting.get(id)?.resolve(result) : waiting.get(id)?.reject(new Error(error)),
      )
      resolve({ invoke, close })
    })
  })
}

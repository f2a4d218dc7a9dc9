import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'
import type { StackFunction } from './stack.ts'

/** A function of the stack, in a thread with its own environment variables. */
export type Lambda = {
  /** Starts the thread unless it runs or is closed. Rejects if the function does not load; the next call tries again. */
  start(): Promise<void>
  /**
   * Resolves to what the handler returns; rejects if the function does not load, throws or times out. The first
   * invocation starts the thread, and as on Lambda the timeout does not include that.
   */
  invoke(event: unknown): Promise<unknown>
  /** Ends the thread after the invocations in flight. */
  close(): Promise<void>
}

/** The messages to and from the thread. */
export type Invocation = { readonly id: number; readonly event: unknown }
export type Outcome = { readonly id: number; readonly result?: unknown; readonly error?: string }

/** What the thread of a function needs. */
type ThreadOptions = {
  readonly spec: StackFunction
  /** Environment variables in addition to the template's (credentials, the SDK's files). */
  readonly ambient: Readonly<Record<string, string | undefined>>
  /** Called with each line that the function writes. */
  readonly onLog: (line: string) => void
}

/** Creates a function whose thread starts at the first invocation, and again after it has ended. */
export function createLambda(options: ThreadOptions): Lambda {
  const { name } = options.spec
  const invocations = new Set<Promise<unknown>>()
  let thread: Promise<Thread> | undefined
  let isClosed = false

  const run = () => {
    thread ??= startThread(options, () => {
      thread = undefined
    })
    return thread
  }
  const invoke = async (event: unknown) => {
    if (isClosed) throw new Error(`${name} is closed.`)
    return (await run()).invoke(event)
  }
  return {
    async start() {
      if (!isClosed) await run()
    },
    invoke(event) {
      const invocation = invoke(event)
      invocations.add(invocation)
      return invocation.finally(() => invocations.delete(invocation))
    },
    async close() {
      isClosed = true
      await Promise.allSettled(invocations)
      await thread?.then(({ terminate }) => terminate()).catch(() => undefined)
    },
  }
}

type Thread = { invoke(event: unknown): Promise<unknown>; terminate(): Promise<unknown> }

/** Resolves once the function is loaded. */
function startThread({ spec, ambient, onLog }: ThreadOptions, onExit: () => void): Promise<Thread> {
  const { name, entry, timeoutMs, environment } = spec
  const worker = new Worker(new URL('lambda-thread.ts', import.meta.url), {
    env: { ...ambient, ...environment },
    stdout: true,
    workerData: { name, entry: entry.href, timeoutMs },
  })
  createInterface({ input: worker.stdout }).on('line', onLog)
  const started = Promise.withResolvers<Thread>()
  const inFlight = new Map<number, PromiseWithResolvers<unknown>>()
  let lastId = 0
  let cause: unknown

  const invoke = (event: unknown): Promise<unknown> => {
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
  worker.once('message', () => {
    worker.on('message', ({ id, result, error }: Outcome) =>
      error === undefined ? inFlight.get(id)?.resolve(result) : inFlight.get(id)?.reject(new Error(error)),
    )
    started.resolve({ invoke, terminate: () => worker.terminate() })
  })
  worker.on('error', (error) => {
    cause = error
  })
  worker.on('exit', (code) => {
    onExit()
    const reason = cause === undefined ? `exit code ${code}` : placeOf(cause)
    started.reject(new Error(`${name} does not load: ${reason}`))
    for (const { reject } of inFlight.values()) reject(new Error(`${name} ended: ${reason}`))
  })
  return started.promise
}

/** The stack of an error, which has the place in the source, without Node's own frames. */
function placeOf(error: unknown): string {
  const text = (error instanceof Error && error.stack) || String(error)
  return text.replace(/\n +at .*node:internal.*/g, '')
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cpuMsOf, type Quota } from '../cpu.ts'
import { RUNTIME_CLIENT } from './peers.ts'
import { startRuntimeApi } from './runtime-api.ts'
import type { Variant } from './variants.ts'

/** One cold start: the init until the first event is asked for, and the first invocation. Times in milliseconds. */
export type ColdStart = {
  readonly initMs: number
  readonly firstMs: number
  /** Processor time of both. */
  readonly cpuMs: number
}

/**
 * Starts a function in a new process, as Lambda does, and sends it one event.
 *
 * @param quota a share of a processor that holds from the first invocation on: Lambda's init is not throttled
 * @throws {Error} if it does not start, or answers anything but the app
 */
export async function measureColdStart(
  variant: Variant,
  environment: Readonly<Record<string, string>>,
  quota?: Quota,
): Promise<ColdStart> {
  const handler = `${basename(variant.file).replace(/\.[^.]+$/, '')}.handler`
  // One for each start: the last function may ask for its next event while this one starts.
  const api = await startRuntimeApi()
  const startedAt = performance.now()
  const child = spawn(process.execPath, [fileURLToPath(RUNTIME_CLIENT), handler], {
    cwd: dirname(variant.file),
    env: {
      ...environment,
      ...variant.environment,
      AWS_LAMBDA_RUNTIME_API: api.address,
      AWS_LAMBDA_FUNCTION_NAME: 'bench',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_GROUP_NAME: 'bench',
      AWS_LAMBDA_LOG_STREAM_NAME: 'bench',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      LAMBDA_TASK_ROOT: dirname(variant.file),
      _HANDLER: handler,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.resume()
  const ended = once(child, 'exit')
  const died = ended.then(([code]) => {
    throw new Error(`${variant.name} ended with ${code} before it answered.`)
  })
  try {
    const pid = Number(child.pid)
    await Promise.race([api.started, died])
    const initMs = performance.now() - startedAt
    quota?.add(pid)
    const invokedAt = performance.now()
    const answer = await Promise.race([api.invoke(variant.event), died])
    const firstMs = performance.now() - invokedAt
    const cpuMs = cpuMsOf(pid)
    checkAnswer(variant, answer)
    return { initMs, firstMs, cpuMs }
  } finally {
    child.kill('SIGKILL')
    await ended
    api.close()
  }
}

/** @throws {Error} unless the answer is an app or, from the authorizer, leave: what fails fast must not win. */
export function checkAnswer({ name }: Variant, answer: unknown): void {
  const { statusCode, isAuthorized, Item } = answer as Record<string, unknown>
  if (statusCode === 200 || isAuthorized === true || Item) return
  throw new Error(`${name} did not answer the app: ${JSON.stringify(answer)}`)
}

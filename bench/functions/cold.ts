import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cpuMsOf } from '../cpu.ts'
import { checkResponse } from './check-response.ts'
import { RUNTIME_CLIENT } from './peers.ts'
import type { Quota } from './quota.ts'
import { startRuntimeApi } from './runtime-api.ts'
import type { Variant } from './variants.ts'

/** One cold start: the init until the request for the first event, and the first invocation. Times in ms. */
export type ColdStart = {
  readonly initMs: number
  readonly firstMs: number
  /** Processor time of both. */
  readonly cpuMs: number
}

/**
 * Starts a function in a new process, as Lambda does, and sends it one event.
 *
 * @param quota a share of a processor from the first invocation on, because Lambda does not throttle the init
 * @throws {Error} if it does not start, or the response is not the app
 */
export async function measureColdStart(
  variant: Variant,
  environment: Readonly<Record<string, string>>,
  quota?: Quota,
): Promise<ColdStart> {
  const { name, bundle, event } = variant
  // One for each start, because the last function can request its next event while this one starts.
  const api = await startRuntimeApi()
  const startedAt = performance.now()
  const handler = `${basename(bundle.file).replace(/\.[^.]+$/, '')}.handler`
  const child = spawn(process.execPath, [fileURLToPath(RUNTIME_CLIENT), handler], {
    cwd: dirname(bundle.file),
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
      LAMBDA_TASK_ROOT: dirname(bundle.file),
      _HANDLER: handler,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const pid = Number(child.pid)
  const ended = once(child, 'exit')
  const died = ended.then(([code]) => {
    throw new Error(`${name} ended with ${code} before it responded.`)
  })
  try {
    await Promise.race([api.started, died])
    const initMs = performance.now() - startedAt
    quota?.add(pid)
    const invokedAt = performance.now()
    const response = await Promise.race([api.invoke(event), died])
    const firstMs = performance.now() - invokedAt
    const cpuMs = cpuMsOf(pid)
    checkResponse(name, response)
    return { initMs, firstMs, cpuMs }
  } finally {
    child.kill('SIGKILL')
    await ended
    api.close()
  }
}

import { onTestFinished, type TestContext } from 'vitest'
import { type AppLookup, type AppLookupOptions, createAppLookup } from '../../adapter/lookup/index.ts'
import { type EndpointDouble, startEndpointDouble } from './endpoint-double.ts'

export const TOKEN = 'made-up-token'

/** The test to clean up after. Concurrent tests must pass theirs. */
type Test = Pick<TestContext, 'onTestFinished'>

/** An endpoint double, which is closed after the test. */
export async function startDouble(test: Test = { onTestFinished }): Promise<EndpointDouble> {
  const double = await startEndpointDouble()
  test.onTestFinished(() => double.close())
  return double
}

/** Deadlines for tests in which something hangs. */
export const IMPATIENT = { attemptTimeoutMs: 1_000, lookupTimeoutMs: 3_000 }

/** Deadlines for tests with a real endpoint, which is slow on a busy machine. */
export const PATIENT = { attemptTimeoutMs: 60_000, lookupTimeoutMs: 60_000 }

/** A lookup on these regions with a clock that can be advanced. It is closed after the test. */
export function lookupOn(
  doubles: readonly EndpointDouble[],
  options: Partial<AppLookupOptions> = {},
  test: Test = { onTestFinished },
) {
  const lines: string[] = []
  let aheadMs = 0
  const lookup: AppLookup = createAppLookup({
    url: doubles.map(({ url }) => url),
    ...(options.tokenFile === undefined && { token: TOKEN }),
    clock: () => performance.timeOrigin + performance.now() + aheadMs,
    log: (level, message) => lines.push(`${level} ${message}`),
    feedPollIntervalMs: 0,
    ...options,
  })
  test.onTestFinished(() => lookup.close())
  const pass = (ms: number) => {
    aheadMs += ms
  }
  return { lookup, lines, pass }
}

/** How a lookup ended: the app, undefined, or the code of the error. */
export async function outcomeOf(found: Promise<unknown>): Promise<unknown> {
  return found.catch((error: { name: string; code: string }) => {
    if (error.name !== 'AppLookupUnavailableError') throw error
    return error.code
  })
}

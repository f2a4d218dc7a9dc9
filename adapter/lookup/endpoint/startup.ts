import type { RegionState } from './breaker.ts'
import type { Region } from './region.ts'

/** The result of the start-up check. */
export type StartupReport = {
  /** `denied` (every region rejects the token) should end the process, `unavailable` is a warning. */
  readonly status: 'ready' | 'unavailable' | 'denied'
  /** One sentence for the log. */
  readonly summary: string
  readonly regions: readonly { readonly origin: string; readonly state: RegionState }[]
}

const words: Readonly<Record<RegionState, string>> = {
  answering: 'answers',
  failing: 'does not answer yet',
  denied: 'rejects the token',
}

/** Probes every region once, all at the same time. Never rejects. */
export async function checkRegions(regions: readonly Region[]): Promise<StartupReport> {
  const found = await Promise.all(
    regions.map(async ({ origin, breaker }) => ({ origin, state: await breaker.probeNow() })),
  )
  const isReady = found.some(({ state }) => state === 'answering')
  const isDenied = found.every(({ state }) => state === 'denied')
  return {
    status: isReady ? 'ready' : isDenied ? 'denied' : 'unavailable',
    summary: `apps are looked up over HTTP: ${found.map(({ origin, state }) => `${origin} ${words[state]}`).join(', ')}`,
    regions: found,
  }
}

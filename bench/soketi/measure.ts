import { runRounds } from '../rounds.ts'
import type { Variant } from './variants.ts'

/** What one variant was measured to do in one round; times in ms. */
export type Measured = {
  readonly handshakesMs?: readonly number[]
  readonly publishesMs?: readonly number[]
  /** Requests that the endpoint saw for each handshake or publish. */
  readonly requestsPerLookup?: number
  readonly refusedHandshakeMs?: number
  readonly refusedPublishMs?: number
  /** Lookups that 1,000 connections with one unknown key made. */
  readonly unknownKeyLookups?: number
}

export type Sample = Measured & { readonly name: string; readonly round: number }

/**
 * Measures every variant `rounds` times.
 *
 * @param say is told what is being measured, and how far it is
 */
export function measure(
  variants: readonly Variant[],
  rounds: number,
  say: (line: string) => void,
): Promise<readonly Sample[]> {
  const jobs = variants.map(({ name, run }) => ({
    name,
    run: async (round: number) => [{ name, ...(await run(round)) }],
  }))
  return runRounds<Sample>(jobs, rounds, say)
}

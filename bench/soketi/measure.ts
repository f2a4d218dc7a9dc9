import { shuffle } from '../statistics.ts'
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
 * Measures every variant `rounds` times, each round in another order, so that what else the machine does hits
 * all alike.
 *
 * @param say is told what is being measured, and how far it is
 */
export async function measure(
  variants: readonly Variant[],
  rounds: number,
  say: (line: string) => void,
): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  const total = rounds * variants.length
  const startedMs = performance.now()
  for (let round = 1; round <= rounds; round += 1) {
    for (const { name, run } of shuffle(variants)) {
      const done = samples.length
      const leftS = done > 0 ? ((performance.now() - startedMs) / done) * (total - done) * 0.001 : 0
      say(`${done + 1} of ${total}: ${name}${leftS > 0 ? `, about ${Math.ceil(leftS)} s left` : ''}`)
      samples.push({ name, round, ...(await run(round)) })
    }
  }
  return samples
}

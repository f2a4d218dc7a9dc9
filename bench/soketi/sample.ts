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

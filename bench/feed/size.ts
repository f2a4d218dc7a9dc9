/** The size of a run, without the time in which requests are counted. */
export type Size = {
  readonly apps: number
  readonly idleSeconds: number
  readonly rounds: number
  /** Handshakes and publishes in a round. */
  readonly timed: number
  readonly changesOfAKind: number
  /** How long the reads of soketi's DynamoDB driver, and of many polls, are counted, in seconds. */
  readonly driverSeconds: number
  readonly pollSeconds: number
  readonly hints: number
  readonly imported: number
}

export const FULL: Size = {
  apps: 1_000,
  idleSeconds: 60,
  rounds: 10,
  timed: 300,
  changesOfAKind: 50,
  driverSeconds: 20,
  pollSeconds: 10,
  hints: 100,
  imported: 10_000,
}

export const QUICK: Size = {
  apps: 100,
  idleSeconds: 5,
  rounds: 2,
  timed: 60,
  changesOfAKind: 4,
  driverSeconds: 3,
  pollSeconds: 2,
  hints: 10,
  imported: 500,
}

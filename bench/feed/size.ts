/** The size of a run, without the time in which requests are counted. */
export type Size = typeof FULL

export const FULL = {
  apps: 1_000,
  idleSeconds: 60,
  rounds: 10,
  /** Handshakes and publishes in a round. */
  timed: 300,
  changesOfAKind: 50,
  /** How long the reads of soketi's DynamoDB driver are counted. */
  driverSeconds: 20,
  /** How long the reads of many polls are counted. */
  pollSeconds: 10,
  hints: 100,
  imported: 10_000,
  /** Entries of a change log with one hint each, and with 100. */
  entriesOfOne: 50_000,
  fullEntries: 1_000,
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
  entriesOfOne: 2_000,
  fullEntries: 50,
}

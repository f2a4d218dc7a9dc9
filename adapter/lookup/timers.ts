/** A time before every other. */
export const LONG_AGO = Number.NEGATIVE_INFINITY

/** A time after every other. */
export const NEVER = Number.POSITIVE_INFINITY

/** A call that is still to come. */
export type Timer = { cancel(): void }

/** Calls back after some milliseconds. It is passed in, so that a simulation can run hours in a moment. */
export type Timers = {
  /** For what somebody waits for. */
  after(ms: number, call: () => void): Timer
  /** For the rest: such a timer keeps no program alive. */
  inBackground(ms: number, call: () => void): Timer
}

/** Node's timers. */
export const nodeTimers: Timers = {
  after: (ms, call) => timerOf(setTimeout(call, ms)),
  inBackground: (ms, call) => timerOf(setTimeout(call, ms).unref()),
}

function timerOf(timeout: NodeJS.Timeout): Timer {
  return { cancel: () => clearTimeout(timeout) }
}

/** Resolves after `ms`. */
export function sleep(timers: Timers, ms: number): Promise<void> {
  return new Promise((resolve) => timers.after(ms, resolve))
}

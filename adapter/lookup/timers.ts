/** A time before every other. */
export const LONG_AGO = Number.NEGATIVE_INFINITY

/** A time after every other. */
export const NEVER = Number.POSITIVE_INFINITY

/** A pending call. */
export type Timer = { cancel(): void }

/** Calls back after some milliseconds. Simulations pass in a virtual time. */
export type Timers = {
  /** For calls that something waits for. */
  after(ms: number, call: () => void): Timer
  /** For other calls: the timer does not keep the process alive. */
  inBackground(ms: number, call: () => void): Timer
}

/** Node's timers. */
export const nodeTimers: Timers = {
  after: (ms, call) => timerOf(setTimeout(call, ms)),
  inBackground: (ms, call) => timerOf(setTimeout(call, ms).unref()),
}

const timerOf = (timeout: NodeJS.Timeout): Timer => ({ cancel: () => clearTimeout(timeout) })

/** Resolves after `ms`. */
export const sleep = (timers: Timers, ms: number): Promise<void> =>
  new Promise((resolve) => timers.after(ms, resolve))

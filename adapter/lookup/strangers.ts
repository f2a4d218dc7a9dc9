/** Whether one more lookup of a name that is no known app's may be sent now. */
export type Strangers = { take(): boolean }

/** A token bucket of one second: anybody can open a WebSocket with any key. */
export function createStrangers(lookupsPerSecond: number, clock: () => number): Strangers {
  let left = lookupsPerSecond
  let filledAt = clock()
  return {
    take() {
      const now = clock()
      left = Math.min(lookupsPerSecond, left + ((now - filledAt) / 1000) * lookupsPerSecond)
      filledAt = now
      if (left < 1) return false
      left -= 1
      return true
    },
  }
}

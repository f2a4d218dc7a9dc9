import type { Socket } from './soketi.ts'

/** A Pusher client that gets 4100 comes back after one second, without jitter, as often as it takes. */
const TRY_AGAIN = {
  event: 'pusher:error',
  data: { code: 4100, message: 'The app could not be looked up. Please try again.' },
}

/** How many clients a second are refused, so that not more than that come back in one second. */
const REFUSALS_PER_SECOND = 200

/** Refuses sockets with 4100, so many a second that their return is no storm. */
export type Refusals = {
  /** Refuses a socket within `spreadMs` ms (0: at once); one that has gone by then is left alone. */
  refuse(socket: Socket, isGone: () => boolean, spreadMs: number): void
}

/**
 * Refusals that share one count: a few waiting sockets are refused at once, thousands at random times within
 * the spread, since Pusher clients that were refused together would come back together.
 */
export function createRefusals(): Refusals {
  let waiting = 0
  return {
    refuse(socket, isGone, spreadMs) {
      waiting += 1
      const windowMs = Math.min(spreadMs, (waiting / REFUSALS_PER_SECOND) * 1000)
      setTimeout(() => {
        waiting -= 1
        if (isGone()) return
        socket.sendJson(TRY_AGAIN)
        socket.end(TRY_AGAIN.data.code)
      }, Math.random() * windowMs)
    },
  }
}

import type { Socket } from './soketi.ts'

/** A Pusher client that gets 4100 comes back after one second, without jitter, as often as it takes. */
const TRY_AGAIN = {
  event: 'pusher:error',
  data: { code: 4100, message: 'The app could not be looked up. Please try again.' },
}

/** How many clients a second are rejected, so that no more than that come back in one second. */
const REJECTIONS_PER_SECOND = 200

/** Rejects sockets with 4100, at a rate that avoids a reconnect storm. */
export type Rejections = {
  /** Rejects a socket within `jitterMs` (0: at once); one that has gone by then is left alone. */
  reject(socket: Socket, isGone: () => boolean, jitterMs: number): void
}

/**
 * Rejections that share one count: a few waiting sockets are rejected at once, thousands at random times within the
 * jitter, since Pusher clients that were rejected together would come back together.
 */
export function createRejections(): Rejections {
  let waiting = 0
  return {
    reject(socket, isGone, jitterMs) {
      waiting += 1
      const windowMs = Math.min(jitterMs, (waiting / REJECTIONS_PER_SECOND) * 1000)
      setTimeout(() => {
        waiting -= 1
        if (isGone()) return
        socket.sendJson(TRY_AGAIN)
        socket.end(TRY_AGAIN.data.code)
      }, Math.random() * windowMs)
    },
  }
}

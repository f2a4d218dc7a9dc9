import type { Socket } from './soketi.ts'

/** A Pusher client that gets 4100 reconnects after one second, without jitter, until it succeeds. */
const TRY_AGAIN = {
  event: 'pusher:error',
  data: { code: 4100, message: 'The app could not be looked up. Please try again.' },
}

/** The most rejections per second, and so the most reconnects per second. */
const REJECTIONS_PER_SECOND = 200

/** Rejects sockets with 4100, at a rate that avoids a reconnect storm. */
export type Rejections = {
  /** Rejects a socket within `jitterMs` (0: immediately), unless it has closed by then. */
  reject(socket: Socket, isGone: () => boolean, jitterMs: number): void
}

/**
 * Rejections that share one count: few sockets are rejected immediately, thousands at random times within the jitter,
 * because Pusher clients that are rejected together also reconnect together.
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

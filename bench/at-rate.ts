import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Calls `send` at a fixed rate per second, however long the calls take, and waits for all of them.
 *
 * @param send gets the time at which it is due, in ms of `performance.now()`. It must not reject.
 */
export async function sendAtRate(
  rate: number,
  seconds: number,
  send: (dueAt: number, number: number) => Promise<unknown>,
): Promise<void> {
  const startedAt = performance.now()
  const sent: Promise<unknown>[] = []
  for (let number = 0; number < seconds * rate; number += 1) {
    const dueAt = startedAt + (1000 * number) / rate
    for (let wait = dueAt - performance.now(); wait > 0; wait = dueAt - performance.now()) await sleep(wait)
    sent.push(send(dueAt, number))
  }
  await Promise.all(sent)
}

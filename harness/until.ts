import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until `condition` is true. Throws after `timeoutMs`, with the text of `explain`. */
export async function until(
  condition: () => unknown,
  timeoutMs = 60_000,
  explain: () => string = () => String(condition),
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${explain()}`)
    await sleep(10)
  }
}

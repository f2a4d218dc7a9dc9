import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until `condition` holds; throws after `timeoutMs` with what `explain` says. */
export async function until(
  condition: () => unknown,
  timeoutMs = 10_000,
  explain: () => string = () => String(condition),
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${explain()}`)
    await sleep(10)
  }
}

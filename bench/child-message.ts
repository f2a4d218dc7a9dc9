import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

const WAIT_MS = 60_000

/**
 * The next message of a process that the bench has started.
 *
 * @param name what the error calls it
 * @throws {Error} if it ends first, or says nothing for a minute
 */
export async function nextMessage<T>(child: ChildProcess, name: string): Promise<T> {
  const ended = new AbortController()
  const end = () => ended.abort()
  child.once('exit', end)
  try {
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(WAIT_MS)])
    const [message] = await once(child, 'message', { signal })
    return message as T
  } catch (cause) {
    throw new Error(`The process of ${name} has ended, or hangs.`, { cause })
  } finally {
    child.off('exit', end)
  }
}

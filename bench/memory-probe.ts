import { BroadcastChannel } from 'node:worker_threads'

/** Of one thread after a full garbage collection, in bytes: its heap, and what is outside for its sake (buffers). */
export type ThreadMemory = { readonly heap: number; readonly external: number }

// Loaded into every thread of a process (--import reaches workers too), because no thread can collect another's heap.
const asked = new BroadcastChannel('memory-asked')
const told = new BroadcastChannel('memory-told')
asked.onmessage = () => {
  globalThis.gc?.()
  const { heapUsed: heap, external } = process.memoryUsage()
  told.postMessage({ heap, external } satisfies ThreadMemory)
}
asked.unref()
told.unref()

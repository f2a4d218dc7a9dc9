import { BroadcastChannel } from 'node:worker_threads'

/** Memory of one thread after a full garbage collection, in bytes: its heap, and its external memory (buffers). */
export type ThreadMemory = { readonly heap: number; readonly external: number }

// Loaded into every thread of a process (--import applies to workers too), because a thread can only collect its own heap.
const asked = new BroadcastChannel('memory-asked')
const told = new BroadcastChannel('memory-told')
asked.onmessage = () => {
  globalThis.gc?.()
  const { heapUsed: heap, external } = process.memoryUsage()
  told.postMessage({ heap, external } satisfies ThreadMemory)
}
asked.unref()
told.unref()

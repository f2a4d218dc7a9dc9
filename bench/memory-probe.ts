import { BroadcastChannel } from 'node:worker_threads'

// Loaded into every thread of a process (--import applies to workers too), because a thread can only collect its own heap.
// It reports the bytes that the thread uses after a garbage collection: its heap, and its external memory (buffers).
const asked = new BroadcastChannel('memory-asked')
const told = new BroadcastChannel('memory-told')
asked.onmessage = () => {
  // After one collection, some MiB of unused buffers are still counted.
  globalThis.gc?.()
  globalThis.gc?.()
  setImmediate(() => {
    const { heapUsed, external } = process.memoryUsage()
    told.postMessage(heapUsed + external)
  })
}
asked.unref()
told.unref()

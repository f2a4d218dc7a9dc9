import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Tests of the adapter with real Pusher libraries for Node, Python and Java. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['*.test.ts'],
    globalSetup: ['global-setup.ts'],
    maxWorkers: 1,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
})

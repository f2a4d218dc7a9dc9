import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const quick = process.env.SOKETI_TESTS === 'quick'

/** Tests with the real soketi; `SOKETI_TESTS=quick` is the part of them that `npm test` runs. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: quick ? ['quick/*.test.ts'] : ['quick/*.test.ts', 'full/*.test.ts'],
    globalSetup: ['global-setup.ts'],
    // Every file starts servers, and there can be only two cores. Files that measure times run alone.
    maxWorkers: quick ? 2 : 1,
    // These end a test that hangs; one that waits ends by its own condition.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})

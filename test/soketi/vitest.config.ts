import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const quick = process.env.SOKETI_TESTS === 'quick'

/** Files that measure times, or that need both cores of a small machine. */
const ALONE = ['crowds', 'following-faults', 'outages', 'unknown-apps'].map((name) => `full/${name}.test.ts`)

// These end a test that hangs; one that waits ends by its own condition.
const limits = { testTimeout: 180_000, hookTimeout: 180_000 }

/** Tests with the real soketi; `SOKETI_TESTS=quick` is the part of them that `npm test` runs. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    globalSetup: ['global-setup.ts'],
    projects: [
      {
        test: {
          name: 'soketi',
          include: quick ? ['quick/*.test.ts'] : ['quick/*.test.ts', 'full/*.test.ts'],
          exclude: ALONE,
          // The files of a worker share its process, so that each package is loaded once.
          isolate: false,
          // They mostly wait, so that two cores have time for more than two of them.
          maxWorkers: quick ? 4 : 3,
          sequence: { groupOrder: 0 },
          ...limits,
        },
      },
      {
        test: {
          name: 'alone',
          include: quick ? [] : ALONE,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          ...limits,
        },
      },
    ],
  },
})

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      'test/browser/**',
      'test/clients/**',
      'test/package/**',
      'test/dynamodb-local/**',
      'test/libraries/**',
      'test/openapi/**',
      'test/sam/**',
      'test/schemathesis/**',
      'test/soketi/**',
      'test/deploy/**',
    ],
    // The files of a worker share its process, so that each package is loaded once.
    isolate: false,
    setupFiles: ['test/support/unstub-envs.ts'],
    // More than a small machine has cores, because most tests wait for servers, processes and deadlines.
    maxWorkers: 5,
    // These end a test that hangs. A test that only waits for a busy machine ends by its own condition.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000, interval: 20 } },
  },
})

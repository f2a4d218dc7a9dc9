import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      'test/browser/**',
      'test/clients/**',
      'test/package/**',
      'test/dynamodb-local/**',
      'test/openapi/**',
      'test/sam/**',
      'test/schemathesis/**',
      'test/soketi/**',
      'test/deploy/**',
    ],
    // Two cores: a third file at once would only make timings less sure.
    maxWorkers: 2,
    // Nothing takes so long; a machine that does much else may.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/sam/**', 'test/schemathesis/**', 'test/soketi/**', 'test/template/**'],
    // Two cores: a third file at once would only make timings less sure.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})

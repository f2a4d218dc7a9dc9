import { defineConfig } from 'vitest/config'

// Needs sam, cfn-lint and checkov on the PATH: npm run test:deploy.
export default defineConfig({
  test: {
    include: ['test/deploy/**/*.test.ts'],
    // A linter takes seconds of processor time.
    maxConcurrency: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})

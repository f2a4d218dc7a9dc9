import { defineConfig } from 'vitest/config'

// Installs the package beside it: npm run test:openapi.
export default defineConfig({
  test: { include: ['test/openapi/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 300_000 },
})

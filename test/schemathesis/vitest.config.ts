import { defineConfig } from 'vitest/config'

// Needs `schemathesis` on the PATH: npm run test:schemathesis.
export default defineConfig({
  test: { include: ['test/schemathesis/**/*.test.ts'], testTimeout: 300_000 },
})

import { defineConfig } from 'vitest/config'

// Installs the generators, generates the clients and compiles them: npm run test:clients.
export default defineConfig({
  test: { include: ['test/clients/**/*.test.ts'], testTimeout: 240_000, hookTimeout: 600_000 },
})

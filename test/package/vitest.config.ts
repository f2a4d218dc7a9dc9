import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Packs the adapter and installs it on every Node that it supports: npm run test:package.
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
})

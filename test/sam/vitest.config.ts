import { defineConfig } from 'vitest/config'

// Needs `sam` on the PATH and a container engine: npm run test:sam.
export default defineConfig({
  test: {
    include: ['test/sam/**/*.test.ts'],
    globalSetup: 'test/sam/two-terminals.ts',
    // One container at a time is what two cores can start quickly.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})

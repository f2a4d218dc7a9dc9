import { defineConfig } from 'vitest/config'

// Needs the URL of a DynamoDB Local in DYNAMODB_LOCAL_ENDPOINT: npm run test:dynamodb-local.
export default defineConfig({
  test: {
    include: [
      'test/dynamodb-local/**/*.test.ts',
      'test/feed/**/*.test.ts',
      'test/functions/handlers.test.ts',
      'test/functions/table.test.ts',
      'test/dev/gateway.test.ts',
    ],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})

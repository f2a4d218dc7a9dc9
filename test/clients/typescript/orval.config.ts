import { defineConfig } from 'orval'

export default defineConfig({
  lookup: {
    input: '../../../openapi.yaml',
    output: {
      target: 'generated/orval.ts',
      client: 'fetch',
      override: { mutator: { path: 'orval-fetch.ts', name: 'fetchFrom' } },
    },
  },
})

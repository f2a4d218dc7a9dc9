import { afterEach, vi } from 'vitest'

// Vitest's `unstubEnvs` does this before each test, so that the next file's `beforeAll` would still see the variables.
afterEach(() => {
  vi.unstubAllEnvs()
})

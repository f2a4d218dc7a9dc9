import { afterEach, beforeEach, vi } from 'vitest'
import { expectNoSecret } from './canary.ts'

/** The output of a test: standard output and standard error. */
export type Output = {
  readonly stdout: () => string
  readonly stderr: () => string
  /** The lines of standard output that are structured logs or metrics. */
  readonly records: () => Record<string, unknown>[]
  /** Fails if the output contains a secret or a token. */
  readonly expectNoSecret: () => void
}

/** Captures the output of each test of the file. */
export function captureOutput(): Output {
  const written = { stdout: '', stderr: '' }
  beforeEach(() => {
    for (const stream of ['stdout', 'stderr'] as const) {
      written[stream] = ''
      vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
        written[stream] += String(chunk)
        return true
      })
    }
    for (const method of ['warn', 'error'] as const)
      vi.spyOn(console, method).mockImplementation((...parts) => {
        written.stderr += `${parts.join(' ')}\n`
      })
  })
  afterEach(() => vi.restoreAllMocks())
  return {
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    records: () =>
      written.stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    expectNoSecret: () => expectNoSecret(written.stdout + written.stderr),
  }
}

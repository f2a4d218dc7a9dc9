/** What a command's exit code says: done, failed or found something, wrongly called, stopped by Ctrl-C. */
export const EXIT = { ok: 0, failed: 1, usage: 2, stopped: 130 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/**
 * Why a command did not do what it was asked to.
 *
 * `message` is one sentence for the person at the terminal: what is wrong and what to do. It never holds a secret,
 * a token or the text of a file that may hold one.
 */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message)
    this.exitCode = exitCode
  }
}

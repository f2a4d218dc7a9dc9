/** Exit codes: done, failed or found an error, wrong usage, stopped by Ctrl-C. */
export const EXIT = { ok: 0, failed: 1, usage: 2, stopped: 130 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/**
 * An expected failure of a command.
 *
 * The message is for the person at the terminal: what happened and what to do. It never contains a secret, a token or
 * the text of a file that may contain one.
 */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message)
    this.exitCode = exitCode
  }
}

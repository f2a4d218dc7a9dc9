/**
 * Ends the process with one sentence on stderr and exit code 1.
 *
 * Throwing would not do: soketi's command line answers an uncaught error with an orderly shutdown, which
 * fails on a server that has not started and hides the reason behind that failure's stack.
 */
export function stopProcess(sentence: string): never {
  process.stderr.write(`soketi-http-app-manager: ${sentence}\n`)
  process.exit(1)
}

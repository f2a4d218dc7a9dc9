import { once } from 'node:events'
import { CANCEL_SYMBOL, confirm, password } from '@clack/prompts'
import { EXIT, Failure } from './failure.ts'
import type { Terminal } from './terminal.ts'

/**
 * Asks a yes-or-no question; the default answer is no.
 *
 * @throws {Failure} when stdin is not a terminal
 */
export async function askToConfirm(message: string, { stdin, stderr, stopped }: Terminal): Promise<boolean> {
  if (!stdin.isTTY)
    throw new Failure(
      'This command asks for confirmation, and stdin is not a terminal. To skip the question, add --yes.',
      EXIT.usage,
    )
  return orStopped(
    await confirm({ message, initialValue: false, input: stdin, output: stderr, signal: stopped }),
  )
}

/** Reads a secret from a hidden prompt, or from stdin when it is piped. A secret is never an argument. */
export async function askForSecret(name: string, terminal: Terminal): Promise<string> {
  const { stdin, stderr, stopped } = terminal
  const secret = stdin.isTTY
    ? orStopped(await password({ message: name, input: stdin, output: stderr, signal: stopped }))
    : (await readAll(terminal)).toString().replace(/\r?\n$/, '')
  if (secret && !/[\r\n]/.test(secret)) return secret
  throw new Failure(`${name} must be one line of text, from the prompt or on stdin.`, EXIT.usage)
}

/** Reads all of stdin. */
export async function readAll({ stdin, stopped }: Terminal): Promise<Buffer> {
  const chunks: Buffer[] = []
  stdin.on('data', (chunk: Buffer | string) => chunks.push(Buffer.from(chunk)))
  if (!stdin.readableEnded) await once(stdin, 'end', { signal: stopped })
  return Buffer.concat(chunks)
}

function orStopped<T>(answer: T | typeof CANCEL_SYMBOL): T {
  if (answer !== CANCEL_SYMBOL) return answer as T
  throw new Failure('Stopped. Nothing was changed.', EXIT.stopped)
}

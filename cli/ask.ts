import { once } from 'node:events'
import { CANCEL_SYMBOL, confirm, password } from '@clack/prompts'
import { EXIT, Failure } from './failure.ts'
import type { Terminal } from './terminal.ts'

/**
 * A yes or no from the person at the terminal.
 *
 * @throws {Failure} when nobody is there, naming the option that answers instead
 */
export async function askToConfirm(message: string, { stdin, stderr, stopped }: Terminal): Promise<boolean> {
  if (!stdin.isTTY)
    throw new Failure(
      'This asks before it changes anything, and nobody is there to answer; give --yes.',
      EXIT.usage,
    )
  return orStopped(
    await confirm({ message, initialValue: false, input: stdin, output: stderr, signal: stopped }),
  )
}

/** A secret from the person at the terminal, not shown, or the only line of a piped stdin; never from an argument. */
export async function askForSecret(message: string, terminal: Terminal): Promise<string> {
  const { stdin, stderr, stopped } = terminal
  const secret = stdin.isTTY
    ? orStopped(await password({ message, input: stdin, output: stderr, signal: stopped }))
    : (await readAll(terminal)).replace(/\r?\n$/, '')
  if (secret && !/[\r\n]/.test(secret)) return secret
  throw new Failure(`${message}: it must come as one line of text, from a prompt or on stdin.`, EXIT.usage)
}

/** All of stdin as text. */
export async function readAll({ stdin, stopped }: Terminal): Promise<string> {
  const chunks: Buffer[] = []
  stdin.on('data', (chunk: Buffer | string) => chunks.push(Buffer.from(chunk)))
  if (!stdin.readableEnded) await once(stdin, 'end', { signal: stopped })
  return Buffer.concat(chunks).toString()
}

function orStopped<T>(answer: T | typeof CANCEL_SYMBOL): T {
  if (answer !== CANCEL_SYMBOL) return answer as T
  throw new Failure('Stopped; nothing was changed.', EXIT.stopped)
}

import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runApps } from '../cli/program.ts'
import type { Terminal } from '../cli/terminal/terminal.ts'

/** The result of a command line. */
export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** Runs a command line in this process, as `npx soketi-apps` does; stdin is a pipe unless `keys` are pressed on a terminal. */
export async function run(
  args: readonly string[],
  {
    stdin = '',
    keys,
    stopped = new AbortController().signal,
  }: { stdin?: string; keys?: string; stopped?: AbortSignal } = {},
): Promise<Ran> {
  const [input, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  // The properties of a terminal that a prompt uses.
  const typed = Object.assign(input, { isTTY: keys !== undefined, setRawMode: () => typed })
  if (keys === undefined) input.end(stdin)
  else stderr.once('data', () => input.write(keys))
  const output = Promise.all([text(stdout), text(stderr)])
  const terminal: Terminal = { stdin: typed, stdout, stderr, stopped }
  const code = await runApps(args, terminal)
  stdout.end()
  stderr.end()
  const [out, err] = await output
  return { code, stdout: out, stderr: err }
}

/** The JSON output of a command. */
export function json<T = Record<string, unknown>>({ stdout }: Ran): T {
  return JSON.parse(stdout)
}

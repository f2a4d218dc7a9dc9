import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runApps } from '../../cli/program.ts'
import type { Terminal } from '../../cli/terminal.ts'
import type { Item } from '../../functions/item.ts'
import { startDynamoDB, type TestDynamoDB } from '../support/test-dynamodb.ts'

/** The result of a command line. */
export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** Runs a command line in this process, as `npm run apps --` does; stdin is a pipe unless `keys` are pressed on a terminal. */
export async function run(
  args: readonly string[],
  {
    stdin = '',
    keys,
    stopped = new AbortController().signal,
  }: { stdin?: string; keys?: string; stopped?: AbortSignal } = {},
): Promise<Ran> {
  const [input, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  // What a prompt needs of a terminal, in addition to keys.
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

/** A table of a real DynamoDB engine, and the options with which a command uses it. */
export type TestTable = {
  readonly endpoint: string
  readonly options: readonly string[]
  /** Runs a command line on this table. */
  on(...args: readonly string[]): Promise<Ran>
  close(): Promise<void>
}

/** Starts a DynamoDB with these items. */
export async function startTable(items: readonly Item[] = []): Promise<TestTable> {
  const { environment, close }: TestDynamoDB = await startDynamoDB(items)
  const endpoint = environment.APP_MANAGER_DYNAMODB_ENDPOINT ?? ''
  const name = environment.APP_MANAGER_DYNAMODB_TABLE ?? ''
  const options = ['--endpoint', endpoint, '--table', name]
  return { endpoint, options, on: (...args) => run([...args, ...options]), close }
}

/** The JSON output of a command. */
export function json<T = Record<string, unknown>>({ stdout }: Ran): T {
  return JSON.parse(stdout)
}

/** The app with this id as `show` prints it, with its secret. */
export async function showApp(table: TestTable, id: string): Promise<Record<string, unknown>> {
  return json<{ app: Record<string, unknown> }>(await table.on('show', id, '--secret', '--json')).app
}

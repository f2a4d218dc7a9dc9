import { PassThrough, Readable } from 'node:stream'
import { runApps } from '../../cli/program.ts'

/** Runs commands of `npm run apps` in this process, on the table of this DynamoDB. */
export type AppsCommand = (...args: readonly string[]) => Promise<void>

/** @throws {Error} with the output of a command that fails */
export function createAppsCommand(endpoint: string): AppsCommand {
  return async (...args) => {
    let written = ''
    const output = new PassThrough().setEncoding('utf8').on('data', (text) => (written += text))
    const code = await runApps([...args, '--endpoint', endpoint], {
      stdin: Readable.from([]),
      stdout: output,
      stderr: output,
      stopped: new AbortController().signal,
    })
    if (code !== 0) throw new Error(`apps ${args.join(' ')} ended with ${code}: ${written}`)
  }
}

import { randomBytes } from 'node:crypto'
import { hashToken, MAX_CONSUMERS, parseConsumers, TOKEN_PREFIX } from '../../functions/access/consumers.ts'
import { createOutput } from '../terminal/command-output.ts'
import { EXIT, Failure } from '../terminal/failure.ts'
import { formatDetails } from '../terminal/format.ts'
import type { AddCommand } from './add-command.ts'

type Options = { readonly public?: boolean; readonly json?: boolean }

/** `token`: creates a token for a consumer of the lookup, and its entry for the list of consumers. */
export const addToken: AddCommand = (program, terminal) =>
  program
    .command('token')
    .summary('create a token for a consumer of the lookup')
    .description(
      `Creates a token and prints it with its entry for the stack's parameter Consumers, a comma-separated list of at most ${MAX_CONSUMERS} entries. The entry contains a hash of the token. Nothing is stored.`,
    )
    .argument('<name>', 'the name of the consumer: 1 to 40 of A-Z, a-z, 0-9, ".", "_" and "-"')
    .option('--public', 'a token that gets apps without secrets and without the headers of webhooks')
    .addHelpText(
      'after',
      `
To rotate a token: deploy the new entry beside the old one, give the new token to the consumer 300 s later, then
deploy without the old entry.

Example:
  npm run token -- dashboard --public`,
    )
    .action((name: string, options: Options) => {
      const token = `${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`
      const scope = options.public ? 'public' : 'full'
      const entry = `${name}:${scope}:${hashToken(token)}`
      if (!isEntry(entry))
        throw new Failure(
          'The name of a consumer must be 1 to 40 of A-Z, a-z, 0-9, ".", "_" and "-".',
          EXIT.usage,
        )
      const output = createOutput(terminal, options)
      output.result({ consumer: name, scope, token, entry }, () =>
        formatDetails([
          ['token', token],
          ['entry', entry],
        ]),
      )
      output.note("Store the token now: it can't be printed again.")
    })

function isEntry(entry: string): boolean {
  try {
    return parseConsumers(entry).length === 1
  } catch {
    return false
  }
}

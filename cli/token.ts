import { randomBytes } from 'node:crypto'
import { hashToken, MAX_CONSUMERS, parseConsumers, TOKEN_PREFIX } from '../functions/consumers.ts'
import type { AddCommand } from './command.ts'
import { EXIT, Failure } from './failure.ts'
import { createOutput, formatFacts } from './output.ts'

type Options = { readonly public?: boolean; readonly json?: boolean }

/** `token`: a new token for a consumer of the lookup, and its entry in the list of consumers. */
export const addToken: AddCommand = (program, terminal) =>
  program
    .command('token')
    .summary('make a token for a consumer of the lookup')
    .description(
      `Makes a token and shows it, once, with its entry for the stack's parameter Consumers (at most ${MAX_CONSUMERS} entries, commas between). The entry holds only a hash. Nothing is stored.`,
    )
    .argument('<name>', 'the name of the consumer, 1 to 40 of A-Z, a-z, 0-9, ".", "_" and "-"')
    .option('--public', "answers without secrets and without webhooks' headers; else the whole app")
    .addHelpText(
      'after',
      `
To rotate a token without a gap: deploy with the new entry beside the old one, hand out the new token 300 s later,
then deploy without the old entry.

Example:
  npm run token -- dashboard --public`,
    )
    .action((name: string, options: Options) => {
      const token = `${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`
      const scope = options.public ? 'public' : 'full'
      const entry = `${name}:${scope}:${hashToken(token)}`
      if (!isEntry(entry))
        throw new Failure('The name of a consumer is 1 to 40 of A-Z, a-z, 0-9, ".", "_" and "-".', EXIT.usage)
      const output = createOutput(terminal, options)
      output.result({ consumer: name, scope, token, entry }, () =>
        formatFacts([
          ['token', token],
          ['entry', entry],
        ]),
      )
      output.note('The token is shown only now: keep it where the consumer keeps its secrets.')
    })

function isEntry(entry: string): boolean {
  try {
    return parseConsumers(entry).length === 1
  } catch {
    return false
  }
}

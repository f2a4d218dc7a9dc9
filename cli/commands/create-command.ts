import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { App } from '../../functions/apps/app.ts'
import { encodeApp } from '../app/encode-app.ts'
import { findingsOf } from '../app/findings.ts'
import { newSecret, SECRET_NOTE } from '../app/new-secret.ts'
import { readApp } from '../app/read-app.ts'
import { addTableOptions, openTableToWrite, type TableOptions } from '../table/table-options.ts'
import { rejectKeyInUse, revertOnKeyConflict } from '../table/unique-key.ts'
import { createOutput } from '../terminal/command-output.ts'
import { Failure } from '../terminal/failure.ts'
import { formatDetails, printable } from '../terminal/format.ts'
import { askForSecret } from '../terminal/prompt.ts'
import type { AddCommand } from './add-command.ts'
import { addFieldOptions, type FieldOptions, readFields } from './field-options.ts'

type Options = TableOptions &
  FieldOptions & {
    readonly id?: string
    readonly key?: string
    readonly askSecret?: boolean
    readonly json?: boolean
  }

/** `create`: writes a new app. */
export const addCreate: AddCommand = (program, terminal) =>
  addTableOptions(
    addFieldOptions(
      program
        .command('create')
        .summary('create an app')
        .description(
          'Creates an app with a new id, key and secret, and prints them. Fails if the id or the key is in use.',
        )
        .option('--id <id>', 'the id (default: a random one)')
        .option('--key <key>', 'the key, which clients connect with (default: a random one)')
        .option('--ask-secret', 'read the secret from a prompt or stdin instead of generating one'),
    ),
  )
    .addHelpText(
      'after',
      '\nExample:\n  npx soketi-apps create --max-connections 500 --enable-client-messages',
    )
    .action(async (options: Options) => {
      const output = createOutput(terminal, options)
      const fields = await readFields(options, terminal)
      const secret = options.askSecret ? await askForSecret('The secret of the app', terminal) : newSecret()
      const { app } = readApp({
        id: options.id ?? randomBytes(8).toString('hex'),
        key: options.key ?? randomBytes(10).toString('hex'),
        secret,
        ...fields,
      })
      const table = await openTableToWrite(options, terminal)
      await rejectKeyInUse(table, app)
      const item = encodeApp(app)
      const existing = await table.create(item)
      if (existing && !isDeepStrictEqual(existing, item))
        throw new Failure(
          `The id ${printable(app.id)} is in use. Choose another one with --id, or change the existing app with update.`,
        )
      await revertOnKeyConflict(table, app, () => table.delete(app.id), output)

      output.result({ app: options.askSecret ? withoutSecret(app) : app }, () =>
        formatDetails([
          ['id', app.id],
          ['key', app.key],
          ['secret', options.askSecret ? 'as entered' : app.secret],
        ]),
      )
      if (!options.askSecret) output.note(SECRET_NOTE)
      for (const { text } of findingsOf(app)) output.note(`Warning: ${text}`)
    })

function withoutSecret({ secret: _, ...rest }: App): Partial<App> {
  return rest
}

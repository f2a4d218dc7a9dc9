import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { App } from '../functions/app.ts'
import { askForSecret } from './ask.ts'
import type { AddCommand } from './command.ts'
import { Failure } from './failure.ts'
import { type FieldOptions, readFields, withFields } from './field-options.ts'
import { findingsOf } from './findings.ts'
import { refuseKeyInUse, takeBackIfRivalled } from './key-use.ts'
import { createOutput, formatFacts, printable } from './output.ts'
import { readApp } from './read-app.ts'
import { openTable, type TableOptions, withTable } from './table-options.ts'
import { encodeApp } from './write-item.ts'

type Options = TableOptions &
  FieldOptions & {
    readonly id?: string
    readonly key?: string
    readonly askSecret?: boolean
    readonly json?: boolean
  }

/** `create`: puts a new app, with an id, a key and a secret that nobody has. */
export const addCreate: AddCommand = (program, terminal) =>
  withTable(
    withFields(
      program
        .command('create')
        .summary('make an app')
        .description(
          'Makes an app with a new id, key and secret, and shows the secret, once. Refuses an id or a key in use.',
        )
        .option('--id <id>', 'its id; else a random one')
        .option('--key <key>', 'its key, which clients see; else a random one')
        .option('--ask-secret', 'take a secret that exists from a prompt or stdin, instead of a new one'),
    ),
  )
    .addHelpText(
      'after',
      '\nExample:\n  npm run apps -- create --max-connections 500 --enable-client-messages',
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
      const table = openTable(options, terminal.stopped)
      await refuseKeyInUse(table, app)
      const item = encodeApp(app)
      const inTheWay = await table.create(item)
      if (inTheWay && !isDeepStrictEqual(inTheWay, item))
        throw new Failure(
          `The id ${printable(app.id)} is in use; choose another with --id, or change that app with update.`,
        )
      await takeBackIfRivalled(table, app, () => table.delete(app.id), output)

      output.result({ app: options.askSecret ? hideSecret(app) : app }, () =>
        formatFacts([
          ['id', app.id],
          ['key', app.key],
          ['secret', options.askSecret ? 'as given' : app.secret],
        ]),
      )
      if (!options.askSecret)
        output.note('The secret is shown only now; show --secret reads it again from the table.')
      for (const { text } of findingsOf(app)) output.note(`Warning: ${text}`)
    })

/** A secret of 256 random bits in hexadecimal: every pusher library and shell takes it as it is. */
export function newSecret(): string {
  return randomBytes(32).toString('hex')
}

function hideSecret({ secret: _, ...app }: App): Partial<App> {
  return app
}

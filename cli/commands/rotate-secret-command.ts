import { InvalidArgumentError, Option } from 'commander'
import type { App, PreviousSecret } from '../../functions/apps/app.ts'
import { type Item, isPresent, previousSecretOf } from '../../functions/apps/item.ts'
import { attributeOf, attributesOf } from '../../functions/apps/spellings.ts'
import { type Change, changeOf } from '../app/encode-app.ts'
import { newSecret, SECRET_NOTE } from '../app/new-secret.ts'
import type { AdminTable } from '../table/admin-table.ts'
import { addTableOptions, openTableToWrite, type TableOptions } from '../table/table-options.ts'
import { createOutput, type Output } from '../terminal/command-output.ts'
import { EXIT, Failure } from '../terminal/failure.ts'
import { formatDetails, formatTime, printable } from '../terminal/format.ts'
import { askForSecret, askToConfirm } from '../terminal/prompt.ts'
import type { AddCommand } from './add-command.ts'
import { noSuchApp } from './update-command.ts'

type Options = TableOptions & {
  /** In seconds. */
  readonly overlap: number
  readonly now?: boolean
  readonly end?: boolean
  readonly askSecret?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

/** `rotate-secret`: gives an app a new secret beside the previous one, or ends the previous one. */
export const addRotateSecret: AddCommand = (program, terminal) =>
  addTableOptions(
    program
      .command('rotate-secret')
      .summary('replace the secret of an app')
      .description(
        "Gives the app a new secret, and prints it. The previous secret stays valid for a day, or for --overlap, so that backends can switch one after the other. Nodes with soketi's own driver accept only the new secret.",
      )
      .argument('<id>', 'the id of the app')
      .option('--ask-secret', 'read the secret from a prompt or stdin instead of generating one')
      .addOption(
        new Option(
          '--overlap <duration>',
          'how long the previous secret stays valid: 30m, 24h or 7d, at most 30d',
        )
          .argParser(parseDuration)
          .default(SECONDS.d, '24h'),
      )
      .addOption(
        new Option('--now', 'end the previous secret at once, for example because it leaked').conflicts([
          'overlap',
          'end',
        ]),
      )
      .addOption(
        new Option('--end', 'end the previous secret of an earlier rotation, without a new secret').conflicts(
          ['overlap', 'askSecret'],
        ),
      )
      .option('--yes', 'do not ask for confirmation when a valid secret ends, as in a script'),
  )
    .addHelpText('after', '\nExample:\n  npx soketi-apps rotate-secret 1a2b --overlap 7d')
    .action(async (id: string, options: Options) => {
      const output = createOutput(terminal, options)
      const table = await openTableToWrite(options, terminal)
      const item = await table.get(id)
      if (!item) throw noSuchApp(id)
      const question = questionOf(id, item, options)
      if (question && !options.yes && !(await askToConfirm(question, terminal)))
        throw new Failure('Nothing was changed.', EXIT.failed)
      if (options.end) return end(table, id, item, output)

      const secret = options.askSecret
        ? await askForSecret('The new secret of the app', terminal)
        : newSecret()
      const current = secretOf(item)
      if (secret === current)
        throw new Failure('The app has this secret already. Nothing was changed.', EXIT.failed)
      const previous: PreviousSecret =
        options.now || current === undefined
          ? {}
          : { previousSecret: current, previousSecretUntil: Math.ceil(Date.now() / 1000) + options.overlap }
      const { previousSecretUntil } = previous
      const isKept = previousSecretUntil !== undefined
      await write(table, id, item, changeOf({ secret, ...previous }, isKept ? [] : PREVIOUS_SECRET))

      output.result(
        {
          id,
          ...(!options.askSecret && { secret }),
          ...(isKept && { previousSecretUntil }),
          waitSeconds: WAIT_SECONDS,
        },
        () =>
          formatDetails([
            ['id', id],
            ['secret', options.askSecret ? 'as entered' : secret],
            ['previous secret', isKept ? `valid until ${formatTime(previousSecretUntil)}` : 'not valid'],
          ]),
      )
      if (!options.askSecret) output.note(SECRET_NOTE)
      output.note(isKept ? SWITCH_NOTE : END_NOTE)
    })

/** Removes the previous secret, if the item has one or a part of one. */
async function end(table: AdminTable, id: string, item: Item, output: Output): Promise<void> {
  const ended = PREVIOUS_SECRET.some((name) => Object.hasOwn(item, attributeOf(name)))
  if (ended) await write(table, id, item, changeOf({}, PREVIOUS_SECRET))
  output.result({ id, ended, waitSeconds: WAIT_SECONDS }, () =>
    ended ? `Ended the previous secret of ${printable(id)}.` : `${printable(id)} has no previous secret.`,
  )
  if (ended) output.note(END_NOTE)
}

/** How long nodes take to see a change, see docs/freshness.md. */
const WAIT_SECONDS = { following: 10, notFollowing: 70 } as const
const WAIT = `${WAIT_SECONDS.following} s, or ${WAIT_SECONDS.notFollowing} s without the change feed`
const SWITCH_NOTE = `Before backends switch to the new secret, wait until every node has it: ${WAIT}. Nodes with soketi's own driver accept only the new secret.`
const END_NOTE = `Nodes can accept the previous secret for up to ${WAIT}.`

const PREVIOUS_SECRET = ['previousSecret', 'previousSecretUntil'] as const satisfies (keyof App)[]
const ATTRIBUTES = ['secret' as const, ...PREVIOUS_SECRET].flatMap(attributesOf)

/** The secret of an item that may be malformed otherwise. */
function secretOf(item: Item): string | undefined {
  const applied = attributesOf('secret').findLast((attribute) => isPresent(item[attribute]))
  return applied && item[applied]?.S
}

/** The question before a valid secret ends. */
function questionOf(id: string, item: Item, { now, end }: Options): string | undefined {
  const name = printable(id)
  const { previousSecretUntil = 0 } = previousSecretOf(item)
  const isValid = 1000 * previousSecretUntil > Date.now()
  const ends = `The previous secret of ${name} is valid until ${formatTime(previousSecretUntil)}.`
  if (now && secretOf(item) !== undefined)
    return `End the secret of ${name} now? What signs with it is rejected until it has the new one.`
  if (!isValid) return undefined
  return end
    ? `${ends} End it now? What still signs with it is rejected.`
    : `${ends} Another rotation ends it now, and what still signs with it is rejected. Rotate the secret again?`
}

/** Writes the change if the secrets are still those of the item. */
async function write(table: AdminTable, id: string, item: Item, change: Change): Promise<void> {
  const asRead = Object.fromEntries(ATTRIBUTES.map((attribute) => [attribute, item[attribute]]))
  if (await table.update(id, change, asRead)) return
  throw new Failure(
    `The secret of ${printable(id)} was changed meanwhile, or the app was deleted. Nothing was changed by this command. Run it again if the secret is still to be rotated.`,
  )
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 24 * 3600 } as const
const MAX_OVERLAP_SECONDS = 30 * SECONDS.d

/** Seconds of a duration like 30m, 24h or 7d. */
function parseDuration(text: string): number {
  const [, number, unit] = /^(\d+)([smhd])$/.exec(text) ?? []
  const seconds = Number(number) * SECONDS[unit as keyof typeof SECONDS]
  if (seconds > 0 && seconds <= MAX_OVERLAP_SECONDS) return seconds
  throw new InvalidArgumentError('It must be a duration of at most 30 days, like 30m, 24h or 7d.')
}

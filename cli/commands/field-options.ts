import { type Command, InvalidArgumentError, Option } from 'commander'
import type { App } from '../../functions/apps/app.ts'
import { FIELDS, flagOf, type OptionalField } from '../app/fields.ts'
import { readApp } from '../app/read-app.ts'
import { EXIT, Failure } from '../terminal/failure.ts'
import { readText } from '../terminal/read-text.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** The values of the options that set fields of an app; `webhooks` is the path of a file. */
export type FieldOptions = Readonly<Partial<Record<OptionalField, number | boolean>>> & {
  readonly webhooks?: string
}

/** Adds an option for each field of an app. */
export function addFieldOptions(command: Command): Command {
  for (const { name, kind, about } of FIELDS) {
    const flag = flagOf(name)
    if (kind === 'boolean')
      command
        .addOption(new Option(flag, about))
        .addOption(new Option(flagOf(`no-${name}`), 'turn it off').hideHelp())
    else command.addOption(new Option(`${flag} <n>`, about).argParser(parseNumber))
  }
  return command.option(
    '--webhooks <file>',
    'a JSON file with the list of webhooks, or - for stdin: [{"url": …, "event_types": […]}]',
  )
}

/**
 * The fields that the options set, validated as those of any app.
 *
 * @throws {Failure} that names the attribute and its valid values
 */
export async function readFields(options: FieldOptions, terminal: Terminal): Promise<Partial<App>> {
  const given = FIELDS.flatMap(({ name }) => (options[name] === undefined ? [] : [[name, options[name]]]))
  const webhooks = options.webhooks && { webhooks: await readText(options.webhooks, terminal) }
  const {
    id: _,
    key: __,
    secret: ___,
    enabled,
    ...fields
  } = validate({ ...Object.fromEntries(given), ...webhooks })
  return options.enabled === undefined ? fields : { enabled, ...fields }
}

function validate(fields: Record<string, unknown>): App {
  try {
    return readApp({ id: '-', key: '-', secret: '-', ...fields }).app
  } catch (error) {
    throw error instanceof Failure ? new Failure(error.message, EXIT.usage) : error
  }
}

function parseNumber(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InvalidArgumentError('It must be a number.')
}

import type { Item } from '../functions/item.ts'
import type { AddCommand } from './command.ts'
import { Failure } from './failure.ts'
import { type Finding, findingsOfItem } from './findings.ts'
import { counted, createOutput, formatName, formatTable, printable } from './output.ts'
import { openTable, type TableOptions, withTable } from './table-options.ts'

/** A finding and the app that it is about. */
export type AppFinding = Finding & { readonly appId: string; readonly appKey: string | undefined }

/** `check`: judges every item of the table. */
export const addCheck: AddCommand = (program, terminal) =>
  withTable(
    program
      .command('check')
      .summary('find what is wrong in the table')
      .description(
        "Reads every item and names what the lookup can't read, keys in use twice, limits that soketi reads otherwise than one would think (0, -1), and forms that soketi's own driver gets wrong. Changes nothing.",
      )
      .option('--strict', 'fail on warnings too'),
  )
    .addHelpText(
      'after',
      '\nExit code: 1 if there is an error (with --strict also a warning), for CI.\n\nExample:\n  npm run apps -- check --strict',
    )
    .action(async (options: TableOptions & { readonly strict?: boolean; readonly json?: boolean }) => {
      const items = await openTable(options, terminal.stopped).all()
      const findings = checkItems(items)
      const errors = findings.filter(({ level }) => level === 'error').length
      const warnings = findings.length - errors
      const output = createOutput(terminal, options)
      output.result({ items: items.length, errors, warnings, findings }, () =>
        findings.length === 0
          ? `${counted(items.length, 'item')}, nothing to say about them.`
          : formatTable(
              ['id', 'level', 'finding'],
              findings.map(({ appId, level, text }) => [formatName(appId), level, text]),
            ),
      )
      if (errors > 0 || (options.strict && warnings > 0))
        throw new Failure(
          `${counted(errors, 'error')} and ${counted(warnings, 'warning')} in ${counted(items.length, 'item')} of the table ${options.table}.`,
        )
    })

/** Everything that there is to say about a table's items, by id; errors first within an item. */
export function checkItems(items: readonly Item[]): AppFinding[] {
  const byKey = Map.groupBy(items, ({ AppKey }) => AppKey?.S)
  const idsWithKey = (key: string | undefined, but: string) =>
    key === undefined ? [] : (byKey.get(key) ?? []).map(idOf).filter((id) => id !== but)
  return items
    .toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
    .flatMap((item) => {
      const appId = idOf(item)
      const appKey = item.AppKey?.S
      const twins = idsWithKey(appKey, appId)
      const namesakes = idsWithKey(appId, appId)
      const findings: Finding[] = [
        ...findingsOfItem(item),
        ...(twins.length > 0
          ? [
              {
                level: 'error' as const,
                attribute: 'AppKey',
                text: `AppKey is that of ${list(twins)} too: lookups by key fail, and soketi takes either. Run update --key.`,
              },
            ]
          : []),
        ...(namesakes.length > 0
          ? [
              {
                level: 'warning' as const,
                attribute: 'AppId',
                text: `AppId is the AppKey of ${list(namesakes)}: soketi's own cache of apps takes one for the other.`,
              },
            ]
          : []),
      ]
      return findings
        .toSorted((a, b) => (a.level < b.level ? -1 : a.level > b.level ? 1 : 0))
        .map((finding) => ({ appId, appKey, ...finding }))
    })
}

function idOf({ AppId }: Item): string {
  return AppId?.S ?? ''
}

function list(ids: readonly string[]): string {
  return ids.map((id) => printable(id)).join(', ')
}

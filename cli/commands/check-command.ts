import type { Item } from '../../functions/apps/item.ts'
import type { Finding } from '../app/finding.ts'
import { findingsOfHeartbeat, findingsOfItem } from '../app/findings.ts'
import { appItems, isHeartbeatItem } from '../table/heartbeat-item.ts'
import { addTableOptions, openTable, type TableOptions } from '../table/table-options.ts'
import { createOutput } from '../terminal/command-output.ts'
import { Failure } from '../terminal/failure.ts'
import { type Cell, formatNames, formatTable, pluralize, printable } from '../terminal/format.ts'
import type { AddCommand } from './add-command.ts'

/** A finding and its app. */
export type AppFinding = Finding & { readonly appId: string; readonly appKey: string | undefined }

/** `check`: validates every item of the table. */
export const addCheck: AddCommand = (program, terminal) =>
  addTableOptions(
    program
      .command('check')
      .summary('find problems in the table')
      .description(
        "Reads every item and reports: items that the lookup can't read, keys that two apps share, limits with a special meaning in soketi (0 and negative numbers), previous secrets that are over or valid for more than 30 days, and values that soketi's own DynamoDB driver reads differently. Changes nothing.",
      )
      .option('--strict', 'fail on warnings too')
      .option('--all', 'print each finding of each app, instead of equal ones as one'),
  )
    .addHelpText(
      'after',
      '\nExit code: 1 if there is an error (with --strict: an error or a warning).\n\nExample:\n  npx soketi-apps check --strict',
    )
    .action(
      async (
        options: TableOptions & {
          readonly strict?: boolean
          readonly all?: boolean
          readonly json?: boolean
        },
      ) => {
        const items = await openTable(options, terminal.stopped).all()
        const count = appItems(items).length
        const findings = checkItems(items)
        const errors = findings.filter(({ level }) => level === 'error').length
        const warnings = findings.length - errors
        const output = createOutput(terminal, options)
        output.result({ items: count, errors, warnings, findings }, () =>
          findings.length === 0
            ? `No problems in ${pluralize(count, 'item')}.`
            : formatTable(['id', 'level', 'finding'], rowsOf(findings, options.all === true)),
        )
        if (errors > 0 || (options.strict && warnings > 0))
          throw new Failure(
            `${pluralize(errors, 'error')} and ${pluralize(warnings, 'warning')} in ${pluralize(count, 'item')} of the table ${options.table}.`,
          )
      },
    )

/** One row for equal findings of several apps, or with `all` one for each. */
function rowsOf(findings: readonly AppFinding[], all: boolean): Cell[][] {
  const groups = Map.groupBy(findings, (finding) => (all ? finding : `${finding.level} ${finding.text}`))
  return [...groups.values()].map((group) => [
    formatNames(group.map(({ appId }) => appId)),
    group[0]?.level,
    group[0]?.text,
  ])
}

/** The findings of all items of a table, sorted by id; errors first within an item. */
export function checkItems(items: readonly Item[]): AppFinding[] {
  const byKey = Map.groupBy(items, ({ AppKey }) => AppKey?.S)
  const idsWithKey = (key: string | undefined, exceptId: string) =>
    key === undefined ? [] : (byKey.get(key) ?? []).map(idOf).filter((id) => id !== exceptId)
  return items
    .toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
    .flatMap((item) => {
      const appId = idOf(item)
      const appKey = item.AppKey?.S
      const findings = [
        ...(isHeartbeatItem(item) ? findingsOfHeartbeat(item) : findingsOfItem(item)),
        ...sharedKeyFindings(idsWithKey(appKey, appId)),
        ...(isHeartbeatItem(item) ? [] : ambiguousIdFindings(idsWithKey(appId, appId))),
      ]
      return findings
        .toSorted((a, b) => (a.level < b.level ? -1 : a.level > b.level ? 1 : 0))
        .map((finding) => ({ appId, appKey, ...finding }))
    })
}

function sharedKeyFindings(ids: readonly string[]): Finding[] {
  if (ids.length === 0) return []
  const text = `AppKey is also the key of ${list(ids)}: lookups by this key fail, and soketi's own driver returns any of the apps. Run update --key.`
  return [{ level: 'error', attribute: 'AppKey', text }]
}

function ambiguousIdFindings(ids: readonly string[]): Finding[] {
  if (ids.length === 0) return []
  const text = `AppId is the AppKey of ${list(ids)}: the cache of soketi's own driver confuses the two apps.`
  return [{ level: 'warning', attribute: 'AppId', text }]
}

function idOf({ AppId }: Item): string {
  return AppId?.S ?? ''
}

function list(ids: readonly string[]): string {
  return ids.map((id) => printable(id)).join(', ')
}

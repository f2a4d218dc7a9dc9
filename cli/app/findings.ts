import type { App } from '../../functions/apps/app.ts'
import { decodeItem, type Item } from '../../functions/apps/item.ts'
import { attributeOf } from '../../functions/apps/spellings.ts'
import { parsePathParameter } from '../../functions/http/parse-request.ts'
import { LookupError } from '../../functions/lookup-error.ts'
import { FIELDS, type Field } from './fields.ts'
import { error, type Finding, warning } from './finding.ts'
import {
  ignoredPreviousSecretFindings,
  PUBLIC_SECRET,
  previousSecretFindings,
} from './previous-secret-findings.ts'
import { explainMalformed } from './read-app.ts'
import { storedFormFindings } from './stored-form-findings.ts'
import { webhookFindings } from './webhook-findings.ts'

/**
 * The problems of an item: what the lookup can't read, limits with a special meaning in soketi, and values that
 * soketi's own driver and the lookup read differently.
 */
export function findingsOfItem(item: Item): Finding[] {
  const stored = [...ignoredPreviousSecretFindings(item), ...storedFormFindings(item)]
  try {
    return [...findingsOf(decodeItem(item)), ...stored]
  } catch (error) {
    const text = explainMalformed(error)
    const attribute = String(error instanceof LookupError && error.logFields.attribute)
    return [{ level: 'error', attribute, text: `${text} Lookups of this app fail.` }, ...stored]
  }
}

/** The problems of a heartbeat item: one that is enabled, or lacks an attribute, is an app to soketi's own driver. */
export function findingsOfHeartbeat(item: Item): Finding[] {
  const isIntact =
    item.AppKey?.S === item.AppId?.S && Boolean(item.AppSecret?.S) && item.Enabled?.BOOL === false
  if (isIntact) return []
  const text =
    'The heartbeat of the change feed must have its id as key, a secret, and Enabled as BOOL false. If its stack does not correct it within a minute, run delete.'
  return [error('AppId', text)]
}

/** The problems of an app that is not stored yet. */
export function findingsOf(app: App): Finding[] {
  return [
    ...(['id', 'key'] as const).flatMap((name) => urlFindings(name, app[name])),
    ...secretFindings(app.secret),
    ...previousSecretFindings(app),
    ...FIELDS.flatMap((field) => limitFindings(field, app[field.name])),
    ...webhookFindings(app),
  ]
}

// soketi compares the path segment without percent-decoding it, so ids and keys must be valid there as they are.
function urlFindings(name: 'id' | 'key', value: string): Finding[] {
  const attribute = attributeOf(name)
  const fits = attempt(() => parsePathParameter(value)) !== undefined
  return fits
    ? []
    : [
        warning(
          attribute,
          `${attribute} can't be part of a URL, so soketi's clients can't use it. Use 1 to 255 of A-Z, a-z, 0-9, ".", "_", "~" and "-".`,
        ),
      ]
}

const MIN_SECRET_LENGTH = 16

function secretFindings(secret: string): Finding[] {
  if (secret === PUBLIC_SECRET)
    return [
      error(
        'AppSecret',
        "AppSecret is soketi's public default: anybody can sign requests. Run rotate-secret --now.",
      ),
    ]
  if (secret.length >= MIN_SECRET_LENGTH) return []
  return [
    warning(
      'AppSecret',
      `AppSecret has fewer than ${MIN_SECRET_LENGTH} characters and can be guessed. Run rotate-secret.`,
    ),
  ]
}

function limitFindings({ name, kind }: Field, value: number | boolean | undefined): Finding[] {
  if (typeof value !== 'number' || value > 0) return []
  const attribute = attributeOf(name)
  const subject = value === 0 ? `${attribute} is 0` : `${attribute} is negative`
  if (kind === 'connections')
    return value === -1
      ? []
      : [warning(attribute, `${subject}, which means unlimited in soketi. Set it to -1 to make that clear.`)]
  if (kind === 'rate') {
    if (value === -1) return []
    if (value === 0) return [warning(attribute, `${subject}, so soketi allows nothing. -1 means unlimited.`)]
    return [
      warning(attribute, `${subject}, which means unlimited in soketi. Set it to -1 to make that clear.`),
    ]
  }
  const text = `${subject}, so soketi rejects everything. For the server's default, run update --unset ${name}.`
  return [value === 0 ? warning(attribute, text) : error(attribute, text)]
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}

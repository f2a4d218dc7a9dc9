import { isDeepStrictEqual } from 'node:util'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { App } from '../../functions/apps/app.ts'
import { decodeItem, type Item, isPresent } from '../../functions/apps/item.ts'
import { attributeOf, attributesOf, FIELD_NAMES } from '../../functions/apps/spellings.ts'
import { flagOf } from './fields.ts'
import { error, type Finding, warning } from './finding.ts'

/** The problems of how an item stores its fields: under which names, and in which form. */
export function storedFormFindings(item: Item): Finding[] {
  return FIELD_NAMES.flatMap((name) => {
    const present = attributesOf(name).filter((attribute) => isPresent(item[attribute]))
    const applied = present.at(-1)
    const value = applied && item[applied]
    if (!applied || !value) return []
    const values = present.map((attribute) => decodeAlone(name, item[attribute]))
    const command = commandFor(name, values.at(-1))
    return [
      ...nameFindings(name, present, values, command),
      ...booleanFindings(applied, value, values.at(-1), command),
      ...numberFindings(applied, value, values.at(-1), command),
    ]
  })
}

/** The command that stores a field again, in the usual form. */
function commandFor(name: keyof App, value: unknown): string {
  if (name === 'secret') return 'rotate-secret'
  return `update with ${flagOf(value === false ? `no-${name}` : name)}`
}

/** The value of a field, if no other attribute had one; `undefined` if it is malformed. */
function decodeAlone(name: keyof App, value: AttributeValue | undefined): unknown {
  const required = { AppId: { S: '-' }, AppKey: { S: '-' }, AppSecret: { S: '-' } }
  try {
    return decodeItem({ ...required, ...(value && { [attributeOf(name)]: value }) })[name]
  } catch {
    return undefined
  }
}

function nameFindings(
  name: keyof App,
  present: readonly string[],
  values: readonly unknown[],
  command: string,
): Finding[] {
  const attribute = attributeOf(name)
  const applied = present.at(-1) ?? attribute
  const names = present.join(' and ')
  if (!values.every((value) => isDeepStrictEqual(value, values.at(-1))))
    return [
      error(
        applied,
        `${names} are names of one field and have different values. soketi and the lookup use ${applied}. Run ${command}, which removes the other.`,
      ),
    ]
  if (present.length > 1)
    return [warning(applied, `${names} are names of one field. Run ${command}, which removes the other.`)]
  if (applied === attribute) return []
  return [
    warning(applied, `soketi and the lookup read ${applied} as ${attribute}. To rename it, run ${command}.`),
  ]
}

/** Booleans that soketi's own driver reads differently: it understands one of them as binary, and none as text. */
function booleanFindings(
  attribute: string,
  value: AttributeValue,
  decoded: unknown,
  command: string,
): Finding[] {
  if (typeof decoded !== 'boolean' || decoded === readBySoketi(attribute, value)) return []
  const [lookup, soketi] = decoded ? ['yes', 'no'] : ['no', 'yes']
  return [
    warning(
      attribute,
      `${attribute} is stored in a form that the lookup reads as ${lookup} and soketi's own DynamoDB driver as ${soketi}. Run ${command}.`,
    ),
  ]
}

function readBySoketi(attribute: string, { BOOL, B, N }: AttributeValue): boolean {
  if (BOOL !== undefined) return BOOL
  if (N !== undefined) return Number(N) !== 0
  const isParsed = B !== undefined && attribute === 'EnableClientMessages'
  return !isParsed || /^(true|t|1)$/i.test(Buffer.from(B).toString().trim())
}

const { MAX_SAFE_INTEGER } = Number

/** Numbers of which soketi and the lookup read only the beginning. */
function numberFindings(
  attribute: string,
  { N, S, B }: AttributeValue,
  decoded: unknown,
  command: string,
): Finding[] {
  if (typeof decoded !== 'number') return []
  const stored = Number(N ?? S ?? Buffer.from(B ?? []).toString())
  // The decoder returns the nearest safe integer, which is as good as unlimited.
  const meant = Math.max(-MAX_SAFE_INTEGER, Math.min(MAX_SAFE_INTEGER, stored))
  if (meant === decoded) return []
  const level = Math.trunc(meant) === decoded ? warning : error
  return [
    level(
      attribute,
      `soketi and the lookup read only the first digits of ${attribute}, like 100 of 100.5, 12 of 12abc and 1 of 1E+3. Run ${command}.`,
    ),
  ]
}

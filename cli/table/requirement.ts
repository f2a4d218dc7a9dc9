import type { TableDescription } from '@aws-sdk/client-dynamodb'

/** One property of the table, its current value, and how to correct it. Lookups work without a `recommended` one. */
export type Requirement = {
  readonly what: string
  readonly state: 'ok' | 'missing' | 'recommended'
  readonly current: string
  readonly fix?: string
}

/** A table as DynamoDB describes it, and whether the reads of a lookup are denied. */
export type TableState = {
  readonly table: TableDescription
  readonly pointInTimeRecovery: PointInTimeRecovery
  readonly denied: Denied
}

/** Whether the credentials lack the permission for a lookup by id, GetItem on the table, or by key, Query on its index. */
export type Denied = { readonly byId: boolean; readonly byKey: boolean }

/** `unknown` without the permission to describe it, `unsupported` for a local DynamoDB. */
export type PointInTimeRecovery = 'on' | 'off' | 'unknown' | 'unsupported'

/** A requirement of lookups. */
export function required(what: string, current: string, isMet: boolean, fix: string): Requirement {
  return isMet ? { what, current, state: 'ok' } : { what, current, state: 'missing', fix }
}

/** Advice. */
export function recommended(what: string, current: string, isMet: boolean, fix: string): Requirement {
  return isMet ? { what, current, state: 'ok' } : { what, current, state: 'recommended', fix }
}

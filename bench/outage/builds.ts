import { ADAPTER_FILE } from '../../harness/nodes.ts'

/** A build of the adapter. */
export type Build = { readonly name: string; readonly file: string }

/** This build, and the one that `ADAPTER_BEFORE` names, such as the `register.cjs` of the last release. */
export function findBuilds(): readonly Build[] {
  const before = process.env.ADAPTER_BEFORE
  const now: Build = { name: 'now', file: ADAPTER_FILE }
  return before ? [{ name: 'before', file: before }, now] : [now]
}

import { hasKeyLength, MAX_KEY_BYTES } from '../apps/key-length.ts'
import { LookupError } from '../lookup-error.ts'

/** One requested app; `etag` is the one that the caller already has. */
export type Wanted = {
  readonly by: 'id' | 'key'
  readonly value: string
  readonly etag?: string
  /** Whether the caller wants a consistent read, which bypasses the cache. */
  readonly consistent: boolean
}

/** The most apps in one batch. */
export const MAX_BATCH = 100

/**
 * Validates the id or key in a GET's path, which API Gateway decodes.
 *
 * @throws {LookupError} `invalid-request` for characters that soketi's own ids and keys don't have: a URL can change
 * them, so they need a POST
 */
export function parsePathParameter(value: string | undefined): string {
  if (typeof value === 'string' && /^[A-Za-z0-9._~-]{1,255}$/.test(value) && value !== '.' && value !== '..')
    return value
  throw invalid(
    'An id or key in a path is 1 to 255 characters of A-Z, a-z, 0-9, ".", "_", "~" and "-"; use POST /apps/lookup for any other.',
  )
}

/** A request for one app, or for a batch. */
export type Lookup =
  | { readonly one: Wanted; readonly batch?: undefined }
  | { readonly batch: Batch; readonly one?: undefined }

/** The entries of a batch in the order of the request; an invalid entry is an error. */
export type Batch = readonly (Wanted | LookupError)[]

/**
 * Validates the JSON body of `POST /apps/lookup`. Unknown fields are ignored.
 *
 * @throws {LookupError} `invalid-request` with the rule that the body breaks
 */
export function parseLookup(body: unknown): Lookup {
  const { id, key, apps, consistent = false } = fieldsOf(body, 'The body')
  if ([id, key, apps].filter((field) => field !== undefined).length !== 1)
    throw invalid('The body must have exactly one of id, key and apps.')
  if (typeof consistent !== 'boolean') throw invalid('consistent must be true or false.')
  if (apps === undefined) return { one: parseWanted(body, 'The body', consistent) }
  if (!Array.isArray(apps) || apps.length < 1 || apps.length > MAX_BATCH)
    throw invalid(`apps must be a list of 1 to ${MAX_BATCH} entries.`)
  return {
    batch: apps.map((entry, index) => attempt(() => parseWanted(entry, `apps[${index}]`, consistent))),
  }
}

function parseWanted(entry: unknown, place: string, consistent: boolean): Wanted {
  const { id, key, etag } = fieldsOf(entry, place)
  if ((id === undefined) === (key === undefined))
    throw invalid(`${place} must have exactly one of id and key.`)
  const by = id !== undefined ? 'id' : 'key'
  const value = id ?? key
  if (typeof value !== 'string' || !value.isWellFormed())
    throw invalid(`${place} has a value of ${by} that is not a string of Unicode text.`)
  if (!hasKeyLength(value))
    throw invalid(`${place} has a value of ${by} that is not 1 to ${MAX_KEY_BYTES} bytes of UTF-8 long.`)
  if (etag !== undefined && typeof etag !== 'string')
    throw invalid(`${place} has an etag that is not a string.`)
  if (consistent && by === 'key')
    throw invalid(
      `${place} has a key: only ids can be read consistently, because the index of keys can't be.`,
    )
  return { by, value, consistent, ...(etag !== undefined && { etag }) }
}

function fieldsOf(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw invalid(`${place} must be a JSON object.`)
}

function attempt<T>(parse: () => T): T | LookupError {
  try {
    return parse()
  } catch (error) {
    if (error instanceof LookupError) return error
    throw error
  }
}

function invalid(message: string): LookupError {
  return new LookupError('invalid-request', message)
}

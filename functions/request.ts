import { LookupError } from './lookup-error.ts'

/** One app that a caller asks for; `etag` is the tag of the answer that the caller already has. */
export type Wanted = {
  readonly by: 'id' | 'key'
  readonly value: string
  readonly etag?: string
  /** Whether the caller wants a consistent read, past the cache. */
  readonly consistent: boolean
}

/** At most this many apps in one batch. */
export const MAX_BATCH = 100

/** The longest id or key in bytes of UTF-8: what DynamoDB takes as a partition key. */
export const MAX_KEY_BYTES = 2048

/**
 * The id or key in a GET's path, which API Gateway hands over decoded.
 *
 * @throws {LookupError} `invalid-request` for anything but soketi's own kind of ids and keys: what a URL, or its
 * logs, could change or show belongs into a POST.
 */
export function parsePathParameter(value: string | undefined): string {
  if (typeof value === 'string' && /^[A-Za-z0-9._~-]{1,255}$/.test(value) && value !== '.' && value !== '..')
    return value
  throw invalid(
    'An id or key in a path is 1 to 255 characters of A-Z, a-z, 0-9, ".", "_", "~" and "-"; for any other use POST /apps/lookup.',
  )
}

/** A lookup's body: one app, or a batch in which an entry that breaks a rule is an error of its own. */
export type Lookup =
  | { readonly one: Wanted; readonly batch?: undefined }
  | { readonly batch: Batch; readonly one?: undefined }

/** The entries of a batch in the request's order, each valid or the error that it is. */
export type Batch = readonly (Wanted | LookupError)[]

/**
 * What the JSON body of `POST /apps/lookup` asks for. Fields that have no meaning here are ignored.
 *
 * @throws {LookupError} `invalid-request`, naming the rule that the body breaks.
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
  if (value === '' || Buffer.byteLength(value) > MAX_KEY_BYTES)
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

import pMap from 'p-map'
import type { Caller } from '../access/caller.ts'
import type { Find, Found } from '../apps/cached-finder.ts'
import { LookupError } from '../lookup-error.ts'
import type { Batch, Wanted } from './parse-request.ts'
import { failedResultOf, type Result, resultOf } from './response.ts'

const READS_AT_A_TIME = 10

/**
 * The result of each entry, in the batch's order. An entry that fails does not affect the others.
 *
 * It makes single reads, because BatchGetItem can't read an index and would need another permission.
 *
 * @param deadline epoch time in ms at which every read ends
 * @param report logs the error of an entry, and returns the error for the response
 */
export function findBatch(
  batch: Batch,
  find: Readonly<Record<'id' | 'key', Find>>,
  caller: Caller,
  deadline: number,
  report: (error: unknown) => LookupError,
): Promise<Result[]> {
  const findOne = ({ by, value, consistent }: Wanted): Promise<Found | LookupError> =>
    find[by](value, caller.consumer, { deadline, consistent }).catch(report)

  // An id that is in the batch twice is read once, and fails once.
  const outcomes = new Map<string, Promise<Found | LookupError>>()
  const findOnce = (wanted: Wanted): Promise<Found | LookupError> => {
    const name = `${wanted.by} ${wanted.value}`
    const outcome = outcomes.get(name) ?? findOne(wanted)
    outcomes.set(name, outcome)
    return outcome
  }

  const lookUp = async (entry: Batch[number]): Promise<Result> => {
    if (entry instanceof LookupError) return failedResultOf(report(entry))
    const outcome = await findOnce(entry)
    return outcome instanceof LookupError
      ? failedResultOf(outcome)
      : resultOf(outcome, caller.scope, entry.etag)
  }
  return pMap(batch, lookUp, { concurrency: READS_AT_A_TIME })
}

import pMap from 'p-map'
import { failedResultOf, type Result, resultOf } from './answer.ts'
import type { Caller } from './caller.ts'
import type { Find } from './finder.ts'
import { LookupError } from './lookup-error.ts'
import type { Batch } from './request.ts'

const READS_AT_A_TIME = 10

/**
 * What each entry of a batch found, in the batch's order; one that fails never fails the others.
 *
 * Made of single reads, because BatchGetItem knows no index and would need a permission of its own.
 *
 * @param deadline epoch time in ms at which every read ends
 * @param report tells the log of a failed entry, and gives it as the caller may see it
 */
export function findBatch(
  batch: Batch,
  find: Readonly<Record<'id' | 'key', Find>>,
  caller: Caller,
  deadline: number,
  report: (error: unknown) => LookupError,
): Promise<Result[]> {
  const findOne = async (wanted: Batch[number]): Promise<Result> => {
    try {
      if (wanted instanceof LookupError) throw wanted
      const found = await find[wanted.by](wanted.value, caller.consumer, {
        deadline,
        consistent: wanted.consistent,
      })
      return resultOf(found, caller.scope, wanted.etag)
    } catch (error) {
      return failedResultOf(report(error))
    }
  }
  return pMap(batch, findOne, { concurrency: READS_AT_A_TIME })
}

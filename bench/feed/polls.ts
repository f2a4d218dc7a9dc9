import { fileURLToPath } from 'node:url'
import { startCannedDynamoDB } from '../functions/canned-dynamodb.ts'
import { buildFunctions, POLL } from '../functions/variants.ts'
import { countReads } from '../functions/warm.ts'

/** Counts the DynamoDB reads per second of one environment of FindChanges at this rate of polls. */
export async function countReadsOfPolls(pollsPerSecond: number, seconds: number): Promise<number> {
  const variants = await buildFunctions(fileURLToPath(new URL('../../dist/bench', import.meta.url)))
  const poll = variants.find(({ name }) => name === POLL)
  if (!poll) throw new Error(`There is no variant ${POLL}.`)
  const dynamodb = await startCannedDynamoDB()
  return countReads(poll, pollsPerSecond, seconds, dynamodb).finally(dynamodb.close)
}

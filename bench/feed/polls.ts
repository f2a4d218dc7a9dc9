import { fileURLToPath } from 'node:url'
import { startCannedDynamoDB } from '../functions/canned-dynamodb.ts'
import { buildFunctions, POLL } from '../functions/variants.ts'
import { countReads } from '../functions/warm.ts'

/** How often a second one environment of FindChanges reads DynamoDB at so many polls a second. */
export async function countReadsOfPolls(pollsPerSecond: number, seconds: number): Promise<number> {
  const variants = await buildFunctions(fileURLToPath(new URL('../../dist/bench', import.meta.url)))
  const poll = variants.find(({ name }) => name === POLL)
  if (!poll) throw new Error(`There is no variant ${POLL}.`)
  const dynamodb = await startCannedDynamoDB()
  return countReads(poll, pollsPerSecond, seconds, dynamodb).finally(dynamodb.close)
}

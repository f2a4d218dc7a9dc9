import { itemOf } from '../../dev/sample-apps.ts'
import { run } from '../../harness/run-command.ts'
import { type StackChild, startStackChild } from '../local-stack-child.ts'
import { startWarmDynamoDBLocal } from '../warm-dynamodb.ts'

/** A DynamoDB Local with a stream, the endpoint with its change feed, and the command line. */
export type FeedStack = StackChild & {
  /**
   * Runs a command of `npx soketi-apps` in this process.
   *
   * @throws {Error} with the errors of a command that fails
   */
  apps(args: readonly string[], stdin?: string): Promise<void>
}

/**
 * Starts it with these apps. It ends with this process.
 *
 * @throws {Error} if DynamoDB Local can't run on this machine
 */
export async function startFeedStack(ids: readonly string[]): Promise<FeedStack> {
  // More than a thousand connections at the same time.
  const items = ids.map((id) => ({ ...itemOf(id), MaxConnections: { N: '-1' } }))
  const dynamodb = await startWarmDynamoDBLocal(items)
  if (typeof dynamodb === 'string') throw new Error(dynamodb)
  const stack = await startStackChild(dynamodb.endpoint)
  process.once('exit', stack.stop)
  return {
    ...stack,
    async apps(args, stdin = '') {
      const { code, stderr } = await run([...args, '--endpoint', dynamodb.endpoint], { stdin })
      if (code !== 0) throw new Error(`apps ${args.join(' ')} ended with ${code}: ${stderr}`)
    },
    stop() {
      stack.stop()
      dynamodb.stop()
    },
  }
}

/** The ids of this number of apps. */
export function namesOf(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
}

import { itemOf } from '../../dev/sample-apps.ts'
import { startWarmDynamoDBLocal } from '../dynamodb-local.ts'
import { startStackChild } from '../local-stack-child.ts'
import type { Requests } from '../local-stack-process.ts'
import { type AppsCommand, createAppsCommand } from './apps-command.ts'

/** A DynamoDB Local with a stream, the endpoint with its change feed, and the command line. */
export type World = {
  readonly dynamodb: string
  readonly url: string
  readonly apps: AppsCommand
  requests(): Promise<Readonly<Requests>>
  stop(): void
}

/**
 * Starts it with these apps. It ends with this process.
 *
 * @returns a sentence if it can't run on this machine
 */
export async function startWorld(ids: readonly string[]): Promise<World | string> {
  // More than a thousand connections at the same time.
  const items = ids.map((id) => ({ ...itemOf(id), MaxConnections: { N: '-1' } }))
  const dynamodb = await startWarmDynamoDBLocal(items)
  if (typeof dynamodb === 'string') return dynamodb
  const stack = await startStackChild(dynamodb.endpoint)
  process.once('exit', stack.stop)
  return {
    dynamodb: dynamodb.endpoint,
    url: stack.url,
    apps: createAppsCommand(dynamodb.endpoint),
    requests: stack.requests,
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

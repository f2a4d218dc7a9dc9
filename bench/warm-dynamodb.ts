import { DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { fillTable, LOCAL_CREDENTIALS } from '../dev/embedded-dynamodb.ts'
import { readStack } from '../dev/stack.ts'
import type { Item } from '../functions/apps/item.ts'
import { type DynamoDBLocal, startDynamoDBLocal } from '../harness/dynamodb-local.ts'

/** Credentials for it, in the environment variables of every AWS SDK. */
export const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
  AWS_REGION: 'us-east-1',
}

// Without these reads, the first round would measure Java's interpreter.
const WARM_UP_READS = 500

const STREAM = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } as const

/**
 * Starts DynamoDB Local with the template's table, its stream and these items, and reads them until Java has compiled the
 * code. It ends with this process.
 *
 * @returns a sentence if it can't run on this machine
 */
export async function startWarmDynamoDBLocal(items: readonly Item[]): Promise<DynamoDBLocal | string> {
  const local = await startDynamoDBLocal().catch((error: Error) => error.message)
  if (typeof local === 'string') return local
  process.once('exit', local.stop)
  await fillTable(local.endpoint, { ...readStack({}).table, StreamSpecification: STREAM }, items)
  await warmUp(local.endpoint, items[0]?.AppId?.S)
  return local
}

async function warmUp(endpoint: string, id = ''): Promise<void> {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS })
  const get = new GetItemCommand({ TableName: 'apps', Key: { AppId: { S: id } } })
  const query = new QueryCommand({
    TableName: 'apps',
    IndexName: 'AppKeyIndex',
    KeyConditionExpression: 'AppKey = :key',
    ExpressionAttributeValues: { ':key': { S: `${id}-key` } },
  })
  for (let times = 0; times < WARM_UP_READS; times += 1)
    await Promise.all([client.send(get), client.send(query)])
  client.destroy()
}

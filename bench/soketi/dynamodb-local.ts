import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { fillTable, LOCAL_CREDENTIALS } from '../../dev/embedded-dynamodb.ts'
import { readStack } from '../../dev/stack.ts'
import type { Item } from '../../functions/item.ts'
import { freePorts } from '../../harness/soketi-process.ts'
import { WARM_APP } from './bench-apps.ts'

/** AWS's DynamoDB Local, in a process of its own. */
export type DynamoDBLocal = { readonly endpoint: string; stop(): void }

/** The credentials that it takes, as every AWS SDK reads them. */
export const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
  AWS_REGION: 'us-east-1',
}

// Without them the first round would measure Java's interpreter.
const WARM_UP_READS = 500

/**
 * Starts it with the template's table and these items, and lets Java compile what reads them.
 *
 * @returns a sentence where it can't run: it takes Java, and Maven to download it
 */
export async function startDynamoDBLocal(items: readonly Item[]): Promise<DynamoDBLocal | string> {
  const script = fileURLToPath(new URL('../../.ci/dynamodb-local', import.meta.url))
  const [port] = await freePorts(1)
  const run = (command: string) => execFileSync(script, [command, String(port)], { encoding: 'utf8' })
  let endpoint: string | undefined
  try {
    endpoint = /http:\S+/.exec(run('up'))?.[0]
  } catch {
    // It has said why, on stderr.
  }
  if (!endpoint) return "DynamoDB Local does not run here: soketi's DynamoDB driver was not measured."
  await fillTable(endpoint, readStack({}).table, items)
  await warmUp(endpoint)
  return { endpoint, stop: () => void run('down') }
}

async function warmUp(endpoint: string): Promise<void> {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS })
  const get = new GetItemCommand({ TableName: 'apps', Key: { AppId: { S: WARM_APP } } })
  const query = new QueryCommand({
    TableName: 'apps',
    IndexName: 'AppKeyIndex',
    KeyConditionExpression: 'AppKey = :key',
    ExpressionAttributeValues: { ':key': { S: `${WARM_APP}-key` } },
  })
  for (let times = 0; times < WARM_UP_READS; times += 1)
    await Promise.all([client.send(get), client.send(query)])
  client.destroy()
}

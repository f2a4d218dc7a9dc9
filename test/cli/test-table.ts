import type { Item } from '../../functions/apps/item.ts'
import { json, type Ran, run } from '../../harness/run-command.ts'
import { startDynamoDB, type TestDynamoDB } from '../support/test-dynamodb.ts'

/** A table of a real DynamoDB engine, and the options with which a command uses it. */
export type TestTable = {
  readonly endpoint: string
  readonly options: readonly string[]
  /** Runs a command line on this table. */
  on(...args: readonly string[]): Promise<Ran>
  close(): Promise<void>
}

/** Starts a DynamoDB with these items. */
export async function startTable(items: readonly Item[] = []): Promise<TestTable> {
  const { environment, close }: TestDynamoDB = await startDynamoDB(items)
  const endpoint = environment.APP_MANAGER_DYNAMODB_ENDPOINT ?? ''
  const name = environment.APP_MANAGER_DYNAMODB_TABLE ?? ''
  const options = ['--endpoint', endpoint, '--table', name]
  return { endpoint, options, on: (...args) => run([...args, ...options]), close }
}

/** The app with this id as `show` prints it, with its secret. */
export async function showApp(table: TestTable, id: string): Promise<Record<string, unknown>> {
  return json<{ app: Record<string, unknown> }>(await table.on('show', id, '--secret', '--json')).app
}

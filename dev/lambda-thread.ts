import { randomUUID } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import type { Context } from 'aws-lambda'
import type { Invocation, Outcome } from './lambda.ts'

// Runs one function of the stack in a worker thread of lambda.ts: an event for each message, and its outcome in return.
const { name, entry, timeoutMs } = workerData as { name: string; entry: string; timeoutMs: number }
const { handler } = (await import(entry)) as {
  handler: (event: unknown, context: Partial<Context>) => Promise<unknown>
}

parentPort?.on('message', async ({ id, event }: Invocation) => {
  const deadline = Date.now() + timeoutMs
  const context: Partial<Context> = {
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:123456789012:function:${name}`,
    memoryLimitInMB: '512',
    awsRequestId: randomUUID(),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  }
  const outcome: Outcome = await handler(event, context).then(
    (result) => ({ id, result }),
    (error: Error) => ({ id, error: error.stack ?? error.message }),
  )
  parentPort?.postMessage(outcome)
})
parentPort?.postMessage('ready')

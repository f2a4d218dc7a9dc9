import { type Child, startChild } from './child-process.ts'
import type { Memory, Requests } from './local-stack-process.ts'
import { CREDENTIALS } from './warm-dynamodb.ts'

/** The server of `npm start` in a child process, with the harness's token. */
export type StackChild = {
  readonly url: string
  /** The endpoint of the DynamoDB that it reads. */
  readonly dynamodb: string
  requests(): Promise<Readonly<Requests>>
  /** Runs a garbage collection in every thread, and returns the memory in use. */
  memory(): Promise<Memory>
  stop(): void
}

/** Starts it with this DynamoDB and the change feed of its stream, or with the embedded DynamoDB and no change feed. */
export async function startStackChild(dynamodb?: string): Promise<StackChild> {
  const probe = new URL('memory-probe.ts', import.meta.url).href
  const child: Child<{ url: string; dynamodb: string }> = await startChild(
    'the endpoint',
    new URL('local-stack-process.ts', import.meta.url),
    dynamodb ? [dynamodb] : [],
    {
      execArgv: ['--expose-gc', '--import', probe],
      env: { ...process.env, ...CREDENTIALS },
    },
  )
  return {
    ...child.started,
    requests: () => child.ask('requests'),
    memory: () => child.ask('memory'),
    stop: child.stop,
  }
}

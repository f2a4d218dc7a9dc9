import { fork } from 'node:child_process'
import { TOKEN } from '../../harness/local-endpoint.ts'
import { nextMessage } from '../child-message.ts'
import type { Use } from './bench-apps.ts'
import { CREDENTIALS, type DynamoDBLocal } from './dynamodb-local.ts'

/** An endpoint for the adapter, in a process of its own. */
export type BenchEndpoint = {
  readonly url: string
  /** How many requests it has answered. */
  requests(): Promise<number>
  stop(): void
}

/** Starts this project's endpoint as `npm start` does, over this DynamoDB; or without one a stub. */
export async function startBenchEndpoint(dynamodb?: DynamoDBLocal): Promise<BenchEndpoint> {
  const child = fork(
    new URL('endpoint-over-process.ts', import.meta.url),
    dynamodb ? [dynamodb.endpoint] : [],
    {
      env: { ...process.env, ...CREDENTIALS },
    },
  )
  const { url } = await nextMessage<{ url: string }>(child, 'the endpoint')
  return {
    url,
    async requests() {
      child.send('requests')
      return (await nextMessage<{ requests: number }>(child, 'the endpoint')).requests
    },
    stop: () => void child.kill(),
  }
}

/** Looks the apps up as another node would have a moment ago, so that the endpoint's functions hold them. */
export async function readAhead({ url }: BenchEndpoint, use: Use, ids: readonly string[]): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}` }
  await Promise.all(
    ids.map(async (id) => {
      const path = use === 'connect' ? `by-key/${id}-key` : id
      const answer = await fetch(`${url}/apps/${path}`, { headers })
      if (!answer.ok) throw new Error(`The endpoint answered ${answer.status} for ${id}.`)
      await answer.arrayBuffer()
    }),
  )
}

import { TOKEN } from '../../harness/local-endpoint.ts'
import { startChild } from '../child-process.ts'
import type { Use } from './bench-apps.ts'

/** An endpoint for the adapter, in a child process. */
export type CountingEndpoint = {
  readonly url: string
  /** How many requests it has answered. */
  requests(): Promise<number>
  stop(): void
}

/** Starts an endpoint that answers every lookup at once, with an app of that name. */
export async function startStubEndpoint(): Promise<CountingEndpoint> {
  const child = await startChild<string>(
    'the stub endpoint',
    new URL('stub-endpoint-process.ts', import.meta.url),
  )
  return { url: child.started, requests: () => child.ask(), stop: child.stop }
}

/** Looks the apps up as another node would, so that they are in the functions' cache. */
export async function readAhead(url: string, use: Use, ids: readonly string[]): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}` }
  await Promise.all(
    ids.map(async (id) => {
      const response = await fetch(`${url}/apps/${use === 'connect' ? `by-key/${id}-key` : id}`, { headers })
      if (!response.ok) throw new Error(`The endpoint answered ${response.status} for ${id}.`)
      await response.arrayBuffer()
    }),
  )
}

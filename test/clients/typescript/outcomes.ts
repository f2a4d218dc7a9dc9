import { text } from 'node:stream/consumers'

/** A request of ../requests.ts. */
export type Request = {
  readonly operation: string
  readonly url: string
  readonly token: string
  readonly appId: string
  readonly appKey: string
  readonly body: object
  readonly ifNoneMatch?: string
  readonly since?: string
}

/** Reads the requests from stdin, and prints their outcomes. */
export async function printOutcomes(outcomeOf: (request: Request) => Promise<string>): Promise<void> {
  const outcomes: string[] = []
  for (const request of JSON.parse(await text(process.stdin)) as Request[])
    outcomes.push(await outcomeOf(request))
  console.log(JSON.stringify(outcomes))
}

type App = {
  readonly id: string
  readonly key: string
  readonly maxConnections?: number
  readonly webhooks?: readonly { readonly event_types: readonly string[] }[]
}

export const foundOutcome = ({ id, key, maxConnections, webhooks = [] }: App, consistent?: boolean) =>
  withConsistent(
    `200 ${id} ${key} ${maxConnections} ${webhooks.flatMap((each) => each.event_types)}`,
    consistent,
  )

export const withConsistent = (outcome: string, consistent = false) =>
  consistent ? `${outcome} consistent` : outcome

export const batchOutcome = (results: readonly string[]) => `200 [${results.join('; ')}]`

export const changesOutcome = (
  changes: readonly { readonly id: string; readonly keys?: readonly string[] }[],
) => `200 [${changes.map(({ id, keys = [] }) => `${id} ${keys.length}`).join('; ')}]`

import type { SoketiNode } from './nodes.ts'

/** A node that follows the change feed, or one that does not. */
export type FeedMode = {
  readonly name: string
  readonly node: SoketiNode
  readonly follows: boolean
  /** Its settings for that. */
  readonly feed: Readonly<Record<string, string>>
}

const POLL_INTERVAL_MS = 'SOKETI_APP_MANAGER_HTTP_FEED_POLL_INTERVAL_MS'

/** For tests that must pass both ways: nodes that follow the change feed, and nodes that do not. */
export function withFeedOnAndOff(nodes: {
  readonly on: readonly SoketiNode[]
  readonly off: readonly SoketiNode[]
}): FeedMode[] {
  return [
    ...nodes.on.map((node) => ({
      name: `${node.name}, feed on`,
      node,
      follows: true,
      feed: { [POLL_INTERVAL_MS]: '1000' },
    })),
    ...nodes.off.map((node) => ({
      name: `${node.name}, feed off`,
      node,
      follows: false,
      feed: { [POLL_INTERVAL_MS]: '0' },
    })),
  ]
}

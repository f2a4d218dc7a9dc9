/** What the id and key of every heartbeat item start with; the region whose stack writes the item follows. */
export const HEARTBEAT_PREFIX = '~heartbeat.'

/** The id, and key, of the item that a region's stack writes once a minute into the table of apps. */
export function heartbeatIdOf(region: string): string {
  return `${HEARTBEAT_PREFIX}${region}`
}

/** Whether an id or key is that of a heartbeat item, of this or any other region. It is no app. */
export function isHeartbeat(idOrKey: string): boolean {
  return idOrKey.startsWith(HEARTBEAT_PREFIX)
}

/** The prefix of the id and key of every heartbeat item. The region of the stack that writes the item follows. */
export const HEARTBEAT_PREFIX = '~heartbeat.'

/** The id, and key, of the item that a region's stack writes once a minute into the table of apps. */
export function heartbeatIdOf(region: string): string {
  return `${HEARTBEAT_PREFIX}${region}`
}

/** The attribute of a heartbeat item with the time for which it was scheduled, in ISO 8601. */
export const SCHEDULED_TIME = 'ScheduledTime'

/** The region of the stack that writes the heartbeat item with this id, or `undefined` if it is not the id of one. */
export function heartbeatRegionOf(id: string): string | undefined {
  return isHeartbeat(id) ? id.slice(HEARTBEAT_PREFIX.length) : undefined
}

/** Whether an id or key belongs to a heartbeat item of any region, which is not an app. */
export function isHeartbeat(idOrKey: string): boolean {
  return idOrKey.startsWith(HEARTBEAT_PREFIX)
}

import { heartbeatRegionOf, isHeartbeat } from '../../functions/apps/heartbeat.ts'
import type { Item } from '../../functions/apps/item.ts'
import { Failure } from '../terminal/failure.ts'
import { printable } from '../terminal/format.ts'

/** Whether an item is a stack's heartbeat, which the change feed needs, and not an app. */
export function isHeartbeatItem({ AppId }: Item): boolean {
  return isHeartbeat(AppId?.S ?? '')
}

/** The items that are apps. */
export function appItems(items: readonly Item[]): readonly Item[] {
  return items.filter((item) => !isHeartbeatItem(item))
}

/** Describes the heartbeat item with this id, for the person at the terminal. */
export function describeHeartbeat(id: string): string {
  return `the change feed's heartbeat for the region ${printable(heartbeatRegionOf(id) ?? id)}`
}

/**
 * Checks that the id is not that of a heartbeat item.
 *
 * @throws {Failure} that says what the item is and how to remove it
 */
export function rejectHeartbeat(id: string): void {
  if (!isHeartbeat(id)) return
  throw new Failure(
    `${printable(id)} is ${describeHeartbeat(id)}, not an app. Its stack writes it, so it can't be created or changed here; delete removes it.`,
  )
}

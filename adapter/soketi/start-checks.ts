import { stopProcess } from './console-log.ts'
import { configOf, namesThatAreSet } from './node-settings.ts'
import type { Server } from './soketi.ts'

const DRIVER_VARIABLE = 'SOKETI_APP_MANAGER_DRIVER'
const DRIVERS_OF_SOKETI = ['array', 'dynamodb', 'mysql', 'postgres']
/** What soketi takes if nothing is set. */
const DEFAULT_DRIVER = 'array'

const OLDEST_NODE = 16

/**
 * Stops the process if the adapter has settings, but soketi another driver that nobody chose: none, or a misspelt one.
 * With the first soketi serves an app with a well-known secret, with the second it exits at the first connection.
 */
export function stopIfDriverIsWrong(server: Pick<Server, 'options'>): void {
  const { driver } = server.options.appManager
  const isChosen = driver !== DEFAULT_DRIVER || process.env[DRIVER_VARIABLE] === driver
  if (isChosen && DRIVERS_OF_SOKETI.includes(driver)) return
  const [setting] = namesThatAreSet(process.env, configOf(server))
  if (setting === undefined) return
  const advice = isChosen ? '' : `, or to ${driver} if that is intended`
  stopProcess(
    `${setting} is set, but soketi's app manager driver is ${JSON.stringify(driver)}; set ${DRIVER_VARIABLE} to http${advice}.`,
  )
}

/** Stops the process on a Node that lacks what the adapter uses. */
export function stopIfNodeIsTooOld(): void {
  const [major] = process.versions.node.split('.')
  if (Number(major) >= OLDEST_NODE) return
  stopProcess(
    `Node ${process.versions.node} is too old; use Node ${OLDEST_NODE} or later, which soketi runs on too.`,
  )
}

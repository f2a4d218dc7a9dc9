import { stopProcess } from './console-log.ts'
import { configOf, namesThatAreSet } from './node-settings.ts'
import type { Server } from './soketi.ts'

const DRIVER_VARIABLE = 'SOKETI_APP_MANAGER_DRIVER'
const DRIVERS_OF_SOKETI = ['array', 'dynamodb', 'mysql', 'postgres']
/** soketi's default. */
const DEFAULT_DRIVER = 'array'

const OLDEST_NODE = 16

/**
 * Stops the process if the adapter has settings, but soketi's driver is not set or misspelt. Without a driver, soketi
 * serves an app with a public secret; with a misspelt one, it exits at the first connection.
 */
export function stopIfDriverIsWrong(server: Pick<Server, 'options'>): void {
  const { driver } = server.options.appManager
  const isChosen = driver !== DEFAULT_DRIVER || process.env[DRIVER_VARIABLE] === driver
  if (isChosen && DRIVERS_OF_SOKETI.includes(driver)) return
  const [setting] = namesThatAreSet(process.env, configOf(server))
  if (!setting) return
  const advice = isChosen ? '' : `, or to ${driver} if that is intended`
  stopProcess(
    `${setting} is set, but soketi's app manager driver is ${JSON.stringify(driver)}; set ${DRIVER_VARIABLE} to http${advice}.`,
  )
}

/** Stops the process on a Node that is too old for the adapter. */
export function stopIfNodeIsTooOld(): void {
  const [major] = process.versions.node.split('.')
  if (Number(major) >= OLDEST_NODE) return
  stopProcess(
    `Node ${process.versions.node} is too old; use Node ${OLDEST_NODE} or later, which soketi runs on too.`,
  )
}

import { log, stopProcess } from './console-log.ts'
import { keepLiveAppsCurrent } from './live-apps.ts'
import { variableOf } from './node-settings.ts'
import { registerMetrics } from './prometheus.ts'
import type { RequireFromSoketi, Server } from './soketi.ts'
import { wrapMethod } from './wrap-method.ts'

const TOKEN_ADVICE = `give a token that is valid there in ${variableOf('token')} or ${variableOf('tokenFile')}.`

/**
 * Starts and stops the adapter with its server. Before the server listens, the endpoint is checked (a token that every
 * region rejects ends the process, an endpoint that is down does not), metrics are added, and open sockets start to
 * follow their apps. When the server stops, waiting clients are rejected first, because soketi would forget them; after it
 * has stopped, the lookup is closed.
 */
export function superviseServer(prototype: Server, require: RequireFromSoketi): void {
  // The last thing soketi awaits before it listens.
  wrapMethod(prototype, 'configureMetricsServer', async ({ self, manager, proceed }, app) => {
    const configured = await proceed(app)
    const { status, summary } = await manager.lookup.check()
    if (status === 'denied') stopProcess(`${summary}; ${TOKEN_ADVICE}`)
    log(status === 'ready' ? 'info' : 'warn', summary)
    registerMetrics(self, manager, require)
    keepLiveAppsCurrent(self, manager)
    return configured
  })

  wrapMethod(prototype, 'stop', async ({ manager, proceed }) => {
    manager.waitingRoom.close()
    try {
      return await proceed()
    } finally {
      await manager.lookup.close()
    }
  })
}

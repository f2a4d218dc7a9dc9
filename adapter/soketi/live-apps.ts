import type { Recheck } from '../lookup/index.ts'
import type { HttpAppManager } from './app-manager.ts'
import { createRareWarning } from './log.ts'
import type { Namespace, Server } from './soketi.ts'

const DELETED = { code: 4001, message: 'The app does not exist any more.' }
const DISABLED = { code: 4003, message: 'The app is not enabled.' }

/**
 * Re-reads the apps that have open sockets on this node, at the settings' interval, and lets changes take
 * effect on them: a disabled app's sockets are closed with 4003, a deleted one's with 4001, and changed
 * limits and flags apply to what open sockets do next. What could not be known changes nothing.
 *
 * @returns a function that ends it.
 */
export function keepLiveAppsCurrent(server: Server, manager: HttpAppManager): () => void {
  const warnOfFailure = createRareWarning(
    'Open sockets could not follow their apps; the next round may do better.',
  )
  let timer: NodeJS.Timeout | undefined
  let ended = false
  const plan = () => {
    if (ended) return
    const jitter = 0.9 + Math.random() * 0.2
    const follow = () => void round().catch(warnOfFailure).then(plan)
    timer = setTimeout(follow, manager.behaviour.revalidateIntervalMs * jitter)
    timer.unref()
  }
  const round = async () => {
    const namespaces = server.adapter.getNamespaces()
    const live = [...namespaces].filter(([, { sockets }]) => sockets.size > 0).map(([appId]) => appId)
    if (live.length === 0) return
    for (const [appId, outcome] of await manager.lookup.recheck(live)) {
      const namespace = namespaces.get(appId)
      if (namespace && !server.closing) applyOutcome(namespace, outcome, manager)
    }
  }
  plan()
  return () => {
    ended = true
    clearTimeout(timer)
  }
}

function applyOutcome({ sockets }: Namespace, outcome: Recheck, manager: HttpAppManager): void {
  if (outcome.status === 'gone') closeSockets(sockets, DELETED)
  else if ('app' in outcome && !outcome.app.enabled) closeSockets(sockets, DISABLED)
  else if ('app' in outcome) {
    const app = manager.toSoketi(outcome.app).forWebSocket()
    for (const socket of sockets.values()) socket.app = app
  }
}

function closeSockets(sockets: Namespace['sockets'], data: { code: number; message: string }): void {
  for (const socket of [...sockets.values()]) {
    socket.sendJson({ event: 'pusher:error', data })
    try {
      socket.end(data.code)
    } catch {
      // It left by itself, and uWebSockets.js throws on a closed socket.
    }
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { backend, connectAuthorized, disconnectAll, nextEvent, subscribe } from '../../harness/clients.ts'
import { openRawSocket } from '../../harness/raw-socket.ts'
import { until } from '../../harness/until.ts'
import type { FeedStack } from './feed-stack.ts'

/** The kind of change, which decides how a node shows it. */
export const KINDS = ['disable', 'update', 'delete', 'rotate'] as const
export type Kind = (typeof KINDS)[number]

// The longest. The wait is random, so that changes come at any time between two polls.
const MAX_GAP_MS = 1_000
const MAX_WAIT_MS = 60_000
const PROBE_INTERVAL_MS = 30

const COMMANDS: Readonly<Record<Kind, (id: string) => string[]>> = {
  disable: (id) => ['disable', id],
  update: (id) => ['update', id, '--enable-client-messages'],
  delete: (id) => ['delete', id, '--yes'],
  rotate: (id) => ['rotate-secret', id, '--now', '--yes'],
}

/**
 * Changes these apps with the command line, one after the other. Returns the seconds until each change shows, by node.
 */
export async function measureChanges(
  kind: Kind,
  ids: readonly string[],
  ports: readonly number[],
  apps: FeedStack['apps'],
): Promise<number[][]> {
  const open = { disable: watchClose, delete: watchClose, update: watchMessages, rotate: watchSecret }[kind]
  const watches = await Promise.all(ports.map((port) => Promise.all(ids.map((id) => open(port, id, kind)))))
  const measured = ports.map((): Promise<number>[] => [])
  for (const [index, id] of ids.entries()) {
    const startedAt = performance.now()
    await apps(COMMANDS[kind](id))
    for (const [node, watch] of watches.entries()) {
      const isSeen = watch[index]?.() ?? Promise.reject()
      measured[node]?.push(isSeen.then(() => (performance.now() - startedAt) / 1000))
    }
    await sleep(MAX_GAP_MS * Math.random())
  }
  return Promise.all(measured.map((seconds) => Promise.all(seconds))).finally(disconnectAll)
}

/** Resolves when a change of an app shows. */
type Watch = () => Promise<void>

/** soketi closes the sockets of a disabled app with 4003, and those of a deleted app with 4001. */
async function watchClose(port: number, id: string, kind: Kind): Promise<Watch> {
  const socket = await openRawSocket(port, `${id}-key`)
  await until(socket.isEstablished)
  return async () => {
    const code = await inTime(socket.closed, `A socket of ${id} is still open.`)
    const expected = kind === 'disable' ? 4003 : 4001
    if (code !== expected)
      throw new Error(`A socket of ${id} was closed with ${code} instead of ${expected}.`)
  }
}

/** Client messages reach the other socket only after the app has enabled them. */
async function watchMessages(port: number, id: string): Promise<Watch> {
  const open = () => subscribe(connectAuthorized(port, id), 'private-bench')
  const [sender, receiver] = await Promise.all([open(), open()])
  return async () => {
    const received = inTime(
      nextEvent(receiver, 'client-probe'),
      `No client message of ${id} was let through.`,
    )
    const probing = setInterval(() => sender.trigger('client-probe', {}), PROBE_INTERVAL_MS)
    await received.finally(() => clearInterval(probing))
  }
}

/** The old secret can no longer publish. */
async function watchSecret(port: number, id: string): Promise<Watch> {
  const publish = () => backend(port, id).trigger('news', 'probe', {})
  await publish()
  return async () => {
    const startedAt = performance.now()
    while (performance.now() - startedAt < MAX_WAIT_MS) {
      const status = await publish().then(
        (response) => response.status,
        (error: { status?: number }) => error.status,
      )
      if (status === 401) return
      await sleep(PROBE_INTERVAL_MS)
    }
    throw new Error(`The old secret of ${id} can still publish.`)
  }
}

async function inTime<T>(promise: Promise<T>, otherwise: string): Promise<T> {
  const tooLate = sleep(MAX_WAIT_MS, undefined, { ref: false }).then(() =>
    Promise.reject(new Error(otherwise)),
  )
  return Promise.race([promise, tooLate])
}

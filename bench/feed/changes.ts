import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRawSocket, type RawSocket } from '../../harness/raw-socket.ts'
import { until } from '../../harness/until.ts'
import type { AppsCommand } from './apps-command.ts'

/** The kind of change, which decides how open sockets show it. */
export type Kind = 'disable' | 'update' | 'delete'

/** Resolves when the open sockets of an app show the change, to the time in ms of `performance.now()`. */
export type Watch = () => Promise<number>

const WAIT_MS = 60_000
// The mean. The wait is random, so that changes come at any time between two polls.
const GAP_MS = 500
const PROBE_INTERVAL_MS = 30
const CHANNEL = 'private-bench'

/**
 * Changes these apps with the command line, one after the other. Returns the seconds until the open sockets show each
 * change, by node.
 */
export async function measureChanges(
  kind: Kind,
  ids: readonly string[],
  ports: readonly number[],
  apps: AppsCommand,
): Promise<number[][]> {
  const watches = await Promise.all(
    ids.map((id) =>
      Promise.all(
        ports.map((port) => (kind === 'update' ? watchUpdate(port, id) : watchClose(port, id, kind))),
      ),
    ),
  )
  const measured: Promise<number[]>[] = []
  for (const [index, id] of ids.entries()) {
    const startedAt = performance.now()
    await apps(...COMMANDS[kind](id))
    const seen = (watches[index] ?? []).map(async (watch) => ((await watch()) - startedAt) / 1000)
    measured.push(Promise.all(seen))
    await sleep(2 * GAP_MS * Math.random())
  }
  const byApp = await Promise.all(measured)
  return ports.map((_, node) => byApp.map((seconds) => seconds[node] ?? Number.NaN))
}

const COMMANDS: Readonly<Record<Kind, (id: string) => string[]>> = {
  disable: (id) => ['disable', id],
  update: (id) => ['update', id, '--enable-client-messages'],
  delete: (id) => ['delete', id, '--yes'],
}

/** soketi closes the sockets of a disabled app with 4003, and those of a deleted app with 4001. */
async function watchClose(port: number, id: string, kind: 'disable' | 'delete'): Promise<Watch> {
  const socket = await openRawSocket(port, `${id}-key`)
  await until(() => socket.isEstablished(), WAIT_MS)
  let closed: { readonly code: number; readonly at: number } | undefined
  void socket.closed.then((code) => {
    closed = { code, at: performance.now() }
  })
  return async () => {
    await until(
      () => closed,
      WAIT_MS,
      () => `A socket of ${id} is still open.`,
    )
    const expected = kind === 'disable' ? 4003 : 4001
    if (closed?.code !== expected)
      throw new Error(`A socket of ${id} was closed with ${closed?.code} instead of ${expected}.`)
    return closed.at
  }
}

/** Client messages reach the other socket only after the app has enabled them. */
async function watchUpdate(port: number, id: string): Promise<Watch> {
  const [sender, receiver] = await Promise.all([subscribe(port, id), subscribe(port, id)])
  const probe = async () => {
    sender.send({ event: 'client-probe', channel: CHANNEL, data: {} })
    await sleep(PROBE_INTERVAL_MS)
    return receiver.received.some(({ event }) => event === 'client-probe')
  }
  return async () => {
    await until(probe, WAIT_MS, () => `No client message of ${id} was let through.`)
    const seenAt = performance.now()
    for (const socket of [sender, receiver]) socket.close()
    return seenAt
  }
}

async function subscribe(port: number, id: string): Promise<RawSocket> {
  const socket = await openRawSocket(port, `${id}-key`)
  const heard = (wanted: string) => socket.received.find(({ event }) => event === wanted)
  await until(() => socket.isEstablished(), WAIT_MS)
  const { socket_id } = JSON.parse(String(heard('pusher:connection_established')?.data)) as {
    socket_id: string
  }
  const signature = createHmac('sha256', `${id}-secret`).update(`${socket_id}:${CHANNEL}`).digest('hex')
  socket.send({ event: 'pusher:subscribe', data: { channel: CHANNEL, auth: `${id}-key:${signature}` } })
  await until(() => heard('pusher_internal:subscription_succeeded'), WAIT_MS)
  return socket
}

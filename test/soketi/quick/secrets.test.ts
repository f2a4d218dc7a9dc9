import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { backend } from '../../../harness/clients.ts'
import { httpDriver } from '../../../harness/local-endpoint.ts'
import { type Region, startRegion } from '../../../harness/misbehaving-region.ts'
import { NODES_AND_OLDER_SOKETIS } from '../../../harness/nodes.ts'
import { openRawSocket } from '../../../harness/raw-socket.ts'
import { readMetric } from '../../../harness/read-metric.ts'
import { previousSecret } from '../../../harness/rotate.ts'
import { killAll, type Soketi, startSoketi } from '../../../harness/soketi-process.ts'
import { until } from '../../../harness/until.ts'
import { endpoint } from '../shared-endpoint.ts'

const FLAGS = { EnableUserAuthentication: { BOOL: true } }

/** The attributes of an app with the secret `ID-secret`, and the secret before it, which is accepted for so long. */
const rotated = (previous: string, seconds: number, more = {}) => ({
  ...previousSecret(previous, seconds),
  ...FLAGS,
  ...more,
})

/** What is signed with a secret. Each resolves to whether soketi accepts it. */
const USES: readonly (readonly [kind: string, what: string, use: Use])[] = [
  ['http', 'a request to the HTTP API', publish],
  ['channel', 'a subscription to a private channel', subscribing('private-room')],
  ['channel', 'a subscription to a presence channel', subscribing('presence-room')],
  ['channel', 'a subscription to an encrypted channel', subscribing('private-encrypted-room')],
  ['signin', 'a sign-in', signIn],
]

type Use = (soketi: Soketi, id: string, secret: string) => Promise<boolean>

async function publish({ port }: Soketi, id: string, secret: string): Promise<boolean> {
  const response = await backend(port, id, { secret })
    .trigger('news', 'event', {})
    .catch((error: { status?: number }) => error)
  if (response.status !== 200 && response.status !== 401) throw new Error(`status ${response.status}`)
  return response.status === 200
}

function subscribing(channel: string): Use {
  return async ({ port }, id, secret) => {
    const encryptionMasterKeyBase64 = Buffer.alloc(32).toString('base64')
    const server = backend(port, id, { secret, encryptionMasterKeyBase64 })
    const [socket, socketId] = await openSocket(port, id)
    const presence = channel.startsWith('presence-') ? { user_id: 'ann' } : undefined
    const data = { channel, ...server.authorizeChannel(socketId, channel, presence) }
    socket.send({ event: 'pusher:subscribe', data })
    return isAccepted(socket, 'pusher_internal:subscription_succeeded')
  }
}

async function signIn({ port }: Soketi, id: string, secret: string): Promise<boolean> {
  const [socket, socketId] = await openSocket(port, id)
  const data = backend(port, id, { secret }).authenticateUser(socketId, { id: 'ann' })
  socket.send({ event: 'pusher:signin', data })
  return isAccepted(socket, 'pusher:signin_success')
}

async function openSocket(port: number, id: string) {
  const socket = await openRawSocket(port, `${id}-key`)
  await until(() => socket.isEstablished())
  const { data } = socket.received[0] ?? {}
  return [socket, String(JSON.parse(String(data)).socket_id)] as const
}

/** Whether the response to what a socket sent is this event; otherwise it is an error. */
async function isAccepted(socket: Awaited<ReturnType<typeof openRawSocket>>, event: string) {
  await until(() => socket.received.length > 1)
  socket.close()
  await socket.closed
  return socket.received[1]?.event === event
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'soketi-secrets-'))
})
afterAll(async () => {
  await killAll()
  rmSync(folder, { recursive: true })
})

describe.each(NODES_AND_OLDER_SOKETIS)('on $name, an app with a previous secret', (node) => {
  let soketi: Soketi
  let region: Region
  let env: Record<string, string>
  const idOf = (name: string) => `${node.name}-${name}`.replace(/\W/g, '-')
  beforeAll(async () => {
    region = await startRegion(endpoint.url)
    env = httpDriver(region.url, {
      SOKETI_METRICS_ENABLED: '1',
      SOKETI_APP_MANAGER_HTTP_SNAPSHOT_FILE: join(folder, idOf('snapshot')),
      // Without the feed, nothing but a signature tells this node of a new secret.
      SOKETI_APP_MANAGER_HTTP_FEED_POLL_INTERVAL_MS: '0',
      SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: '600000',
      // A busy machine can be slow.
      SOKETI_APP_MANAGER_HTTP_ATTEMPT_TIMEOUT_MS: '15000',
      SOKETI_APP_MANAGER_HTTP_LOOKUP_TIMEOUT_MS: '15000',
    })
    soketi = await startSoketi({ node, env })
  })
  afterEach(() => expect(soketi.isRunning(), soketi.output()).toBe(true))
  afterAll(async () => {
    await soketi.kill()
    await region.close()
  })

  it('accepts what either secret signs, and nothing else', async () => {
    const others = fc.sample(fc.string({ minLength: 1 }), 20)
    others.push('previou', 'previous ', 'Previous')
    await Promise.all(
      USES.map(async ([kind, what, use]) => {
        const id = idOf(what)
        await endpoint.put(id, rotated('previous', 3_600))
        const accepts = (secret: string) => use(soketi, id, secret)
        expect([what, await accepts(`${id}-secret`), await accepts('previous')]).toEqual([what, true, true])
        await until(() =>
          soketi.output().includes(`the previous secret of the app "${id}" is still in use (${kind})`),
        )
        expect([what, ...(await Promise.all(others.map(accepts)))]).toEqual([
          what,
          ...others.map(() => false),
        ])
      }),
    )
    const count = (kind: string) =>
      readMetric(soketi, 'http_app_manager_previous_secret_total', `kind="${kind}"`)
    expect(await Promise.all(['http', 'channel', 'signin'].map(count))).toEqual([1, 3, 1])
  })

  it('accepts what a secret signs that it has not heard of', async () => {
    const uses = USES.map(async ([, what, use]) => {
      const id = idOf(`new ${what}`)
      await endpoint.put(id, FLAGS)
      const results = [await use(soketi, id, `${id}-secret`)]
      await endpoint.put(id, rotated(`${id}-secret`, 3_600, { AppSecret: { S: 'new' } }))
      results.push(await use(soketi, id, 'new'), await use(soketi, id, `${id}-secret`))
      return results
    })
    expect(await Promise.all(uses)).toEqual(USES.map(() => [true, true, true]))
  })

  it('refuses it once its time is over, in an outage and after a restart from a snapshot', async () => {
    const id = idOf('over')
    const seconds = 3
    await endpoint.put(id, rotated('previous', seconds))
    const startedAt = Date.now()
    for (const [, , use] of USES) expect(await use(soketi, id, 'previous')).toBe(true)
    await region.misbehave('refuses connections')
    try {
      await until(async () => !(await publish(soketi, id, 'previous')))
      expect(Date.now() - startedAt).toBeLessThan((seconds + 1) * 1_000)
      for (const [, , use] of USES) expect(await use(soketi, id, 'previous')).toBe(false)
      await soketi.kill('SIGTERM')
      soketi = await startSoketi({ node, env })
      for (const [, , use] of USES) {
        expect(await use(soketi, id, `${id}-secret`)).toBe(true)
        expect(await use(soketi, id, 'previous')).toBe(false)
      }
    } finally {
      await region.recover()
    }
  })
})

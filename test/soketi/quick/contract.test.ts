import { once } from 'node:events'
import { createConnection } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { backend, connect, disconnectAll, nextEvent, subscribe } from '../../../harness/clients.ts'
import { withFeedOnAndOff } from '../../../harness/feed-modes.ts'
import { httpDriver } from '../../../harness/local-endpoint.ts'
import { NODES, NODES_AND_OLDER_SOKETIS } from '../../../harness/nodes.ts'
import { openRawSocket, type RawSocket } from '../../../harness/raw-socket.ts'
import { killAll, type Soketi, startSoketi } from '../../../harness/soketi-process.ts'
import { until } from '../../../harness/until.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../../../harness/webhook-receiver.ts'
import { endpoint } from '../shared-endpoint.ts'

let receiver: WebhookReceiver

beforeAll(async () => {
  receiver = await startWebhookReceiver()
  const webhooks = [
    {
      url: receiver.url,
      event_types: ['channel_occupied', 'client_event', 'member_added'],
      filter: { channel_name_starts_with: 'private-told-' },
      headers: { 'X-Auth': 'sample' },
    },
    { event_types: ['channel_occupied'] },
    { lambda_function: 'nowhere', event_types: ['cache_miss'] },
  ]
  await endpoint.put('told', {
    EnableClientMessages: { BOOL: true },
    Webhooks: { S: JSON.stringify(webhooks) },
  })
  await endpoint.put('user-auth', { EnableUserAuthentication: { B: Buffer.from('true') } })
})
afterEach(disconnectAll)
afterAll(async () => {
  await killAll()
  receiver.close()
})

const signed = (port: number, id: string, user = { user_id: 'u1', user_info: { name: 'One' } }) => ({
  channelAuthorization: {
    endpoint: '',
    transport: 'ajax' as const,
    customHandler: (
      { socketId, channelName }: { socketId: string; channelName: string },
      done: (error: Error | null, data: ReturnType<ReturnType<typeof backend>['authorizeChannel']>) => void,
    ) =>
      done(
        null,
        backend(port, id, MASTER_KEY).authorizeChannel(
          socketId,
          channelName,
          channelName.startsWith('presence-') ? user : undefined,
        ),
      ),
  },
  userAuthentication: {
    endpoint: '',
    transport: 'ajax' as const,
    customHandler: (
      { socketId }: { socketId: string },
      done: (error: Error | null, data: ReturnType<ReturnType<typeof backend>['authenticateUser']>) => void,
    ) => done(null, backend(port, id).authenticateUser(socketId, { id: 'user-1' })),
  },
})
const MASTER_KEY = { encryptionMasterKeyBase64: Buffer.alloc(32, 7).toString('base64') }

const MODES = withFeedOnAndOff({ on: NODES_AND_OLDER_SOKETIS, off: NODES })

describe.each(MODES)('on $name, an app of the endpoint', ({ name, node, feed }) => {
  const slug = name.replace(/\W+/g, '-')
  let soketi: Soketi
  let malformed: RawSocket
  beforeAll(async () => {
    soketi = await startSoketi({ node, env: httpDriver(endpoint.url, feed) })
    malformed = await openRawSocket(soketi.port, 'twin-key') // waits for 7 s, while the other tests run
  })

  it.each(['demo', 'legacy', 'bare', 'native', 'cli-v2', 'text', 'limited', 'webhooks', 'extra'])(
    'stored as in "%s" connects, subscribes and receives what its backend publishes',
    async (id) => {
      const client = connect(soketi.port, `${id}-key`)
      await client.connected()
      const channel = await subscribe(client, 'news')
      const event = nextEvent(channel, 'headline')
      await backend(soketi.port, id).trigger('news', 'headline', { text: 'hello' })
      expect(await event).toEqual({ text: 'hello' })
      expect(client.errors).toEqual([])
    },
  )

  it('has private, presence and encrypted channels', async () => {
    const client = connect(soketi.port, 'demo-key', signed(soketi.port, 'demo'))
    await client.connected()
    await subscribe(client, 'private-room')
    const presence = await subscribe(client, 'presence-room')
    expect(Object.keys((presence as unknown as { members: { members: object } }).members.members)).toEqual([
      'u1',
    ])
    const encrypted = await subscribe(client, 'private-encrypted-room')
    const event = nextEvent(encrypted, 'secret-news')
    await backend(soketi.port, 'demo', MASTER_KEY).trigger('private-encrypted-room', 'secret-news', {
      text: 'hello',
    })
    expect(await event).toEqual({ text: 'hello' })
  })

  it('rejects a subscription with a wrong signature', async () => {
    const client = connect(soketi.port, 'demo-key', signed(soketi.port, 'bare'))
    await client.connected()
    await expect(subscribe(client, 'private-room')).rejects.toThrow('AuthError')
  })

  it('forwards client events only if it allows them', async () => {
    const [sender, receiver] = [0, 1].map(() => connect(soketi.port, 'told-key', signed(soketi.port, 'told')))
    await Promise.all([sender?.connected(), receiver?.connected()])
    if (!sender || !receiver) throw new Error('unreachable')
    const [from, to] = await Promise.all([
      subscribe(sender, 'private-told-1'),
      subscribe(receiver, 'private-told-1'),
    ])
    const event = nextEvent(to, 'client-typing')
    from.trigger('client-typing', { who: 'me' })
    expect(await event).toEqual({ who: 'me' })

    const forbidden = connect(soketi.port, 'demo-key', signed(soketi.port, 'demo'))
    await forbidden.connected()
    const channel = await subscribe(forbidden, 'private-room')
    channel.trigger('client-typing', { who: 'me' })
    await until(() => forbidden.errors.includes(4301))
  })

  it('signs users in if it has user authentication', async () => {
    const client = connect(soketi.port, 'user-auth-key', signed(soketi.port, 'user-auth'))
    await client.connected()
    client.pusher.signin()
    await client.pusher.user.signinDonePromise
    const event = new Promise((resolve) => client.pusher.user.bind('told', resolve))
    await backend(soketi.port, 'user-auth').sendToUser('user-1', 'told', { text: 'hello' })
    expect(await event).toEqual({ text: 'hello' })
  })

  it('answers batches and GET', async () => {
    const client = connect(soketi.port, 'demo-key')
    await client.connected()
    const channel = await subscribe(client, 'batched')
    const event = nextEvent(channel, 'second')
    const server = backend(soketi.port, 'demo')
    await server.triggerBatch([
      { channel: 'batched', name: 'first', data: '1' },
      { channel: 'batched', name: 'second', data: '2' },
    ])
    expect(await event).toBe(2)
    const answer = await server.get({ path: '/channels/batched' })
    expect(await answer.json()).toEqual({ subscription_count: 1, occupied: true })
  })

  it('gets a complete response when it had to be looked up', async () => {
    const id = `piece-${slug}`
    await endpoint.put(id)
    const path = `/apps/${id}/channels`
    const query = backend(soketi.port, id).createSignedQueryString({ method: 'GET', path, params: {} })
    const socket = createConnection(soketi.port, '127.0.0.1')
    socket.write(`GET ${path}?${query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
    const [piece] = await once(socket, 'data')
    socket.destroy()
    expect(String(piece)).toMatch(
      /^HTTP\/1.1 200 OK\r\nAccess-Control-Allow-Origin: \*\r\n[^{]*\{"channels":\{\}\}$/,
    )
  })

  it('has its valid webhooks delivered with filter, headers and signature, even if others are invalid', async () => {
    receiver.deliveries.length = 0
    const client = connect(soketi.port, 'told-key', signed(soketi.port, 'told'))
    await client.connected()
    await subscribe(client, 'private-untold')
    await subscribe(client, 'cache-missed')
    await subscribe(client, `private-told-${slug}`)
    await until(() => receiver.deliveries.length > 0)
    expect(
      receiver.deliveries.map(({ body }) => body.events.map(({ name, channel }) => [name, channel])),
    ).toEqual([[['channel_occupied', `private-told-${slug}`]]])
    expect(receiver.deliveries[0]?.headers).toMatchObject({ 'x-auth': 'sample', 'x-pusher-key': 'told-key' })
    expect(soketi.isRunning()).toBe(true)
  })

  it('enforces its limits, also when 20 clients connect at the same time', async () => {
    const clients = Array.from({ length: 20 }, () => connect(soketi.port, 'limited-key'))
    await until(() =>
      clients.every(({ pusher, errors }) => pusher.connection.state === 'connected' || errors.length > 0),
    )
    expect(clients.filter(({ pusher }) => pusher.connection.state === 'connected')).toHaveLength(2)
    expect(new Set(clients.flatMap(({ errors }) => errors))).toEqual(new Set([4100]))

    const server = backend(soketi.port, 'limited')
    await expect(server.trigger('news', 'a'.repeat(33), 'x')).rejects.toMatchObject({ status: 400 })
    await expect(server.trigger('news', 'event', 'x'.repeat(300))).rejects.toMatchObject({ status: 413 })
  })

  it("has the server's limits where it has none", async () => {
    const server = backend(soketi.port, 'bare')
    await server.trigger('news', 'event', 'x'.repeat(99 * 1024))
    await expect(server.trigger('news', 'event', 'x'.repeat(101 * 1024))).rejects.toMatchObject({
      status: 413,
    })
  })

  it('is rejected if it is disabled: 4003 for clients, 403 for its backend', async () => {
    const client = connect(soketi.port, 'disabled-key')
    await until(() => client.errors.length > 0)
    expect(new Set(client.errors)).toEqual(new Set([4003]))
    await expect(backend(soketi.port, 'disabled').trigger('news', 'a', 'x')).rejects.toMatchObject({
      status: 403,
    })
  })

  it('is rejected if it does not exist: 4001 for clients, 404 for its backend', async () => {
    const client = connect(soketi.port, 'nobody-key')
    await until(() => client.errors.length > 0)
    expect(new Set(client.errors)).toEqual(new Set([4001]))
    await expect(backend(soketi.port, 'nobody').trigger('news', 'a', 'x')).rejects.toMatchObject({
      status: 404,
    })
  })

  it('is not treated as missing if it is malformed: 4100 for clients, which retry, and 503 for its backend', async () => {
    const code = await malformed.closed
    expect({ code, received: malformed.received, isRunning: soketi.isRunning() }).toEqual({
      code: 4100,
      received: [{ event: 'pusher:error', data: expect.objectContaining({ code: 4100 }) }],
      isRunning: true,
    })
    await expect(backend(soketi.port, 'bad-number').trigger('news', 'a', 'x')).rejects.toMatchObject({
      status: 503,
    })
  })
})

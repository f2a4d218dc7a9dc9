import { createRequire } from 'node:module'
import PusherServer from 'pusher'
import type { Options, default as pusherJs } from 'pusher-js'
import { until } from './until.ts'

// The package's types describe an ES module, but its build for Node is CommonJS.
const Pusher: typeof pusherJs.default = createRequire(import.meta.url)('pusher-js')

/** The Pusher client of the package. */
export type PusherClient = InstanceType<typeof pusherJs.default>

/** A channel of a Pusher client. */
export type Channel = ReturnType<PusherClient['subscribe']>

/** A Pusher client and its history. */
export type Client = {
  readonly pusher: PusherClient
  /** Every `pusher:error` code and every state, in order. */
  readonly errors: number[]
  readonly states: string[]
  connected(timeoutMs?: number): Promise<void>
}

const open = new Set<PusherClient>()

/** The real Pusher client, on a soketi on this machine. */
export function connect(port: number, key: string, options: Partial<Options> = {}): Client {
  const pusher = new Pusher(key, {
    cluster: '',
    wsHost: '127.0.0.1',
    wsPort: port,
    forceTLS: false,
    enabledTransports: ['ws'],
    disableStats: true,
    ...options,
  })
  open.add(pusher)
  const errors: number[] = []
  const states: string[] = []
  pusher.connection.bind(
    'error',
    ({ data, error }: { data?: { code?: number }; error?: { data?: { code?: number } } }) => {
      const code = data?.code ?? error?.data?.code
      if (code) errors.push(code)
    },
  )
  pusher.connection.bind('state_change', ({ current }: { current: string }) => states.push(current))
  return {
    pusher,
    errors,
    states,
    connected: (timeoutMs = 60_000) =>
      until(
        () => pusher.connection.state === 'connected',
        timeoutMs,
        () => `${key} is ${states.join(', ')} with errors ${errors.join(', ')}`,
      ),
  }
}

/** Disconnects the clients of a test. */
export function disconnectAll(): void {
  for (const pusher of open) pusher.disconnect()
  open.clear()
}

/** The real Pusher server SDK for an app of the endpoint. */
export function backend(
  port: number,
  id: string,
  more: { key?: string; secret?: string; encryptionMasterKeyBase64?: string } = {},
): PusherServer {
  return new PusherServer({
    appId: id,
    key: `${id}-key`,
    secret: `${id}-secret`,
    host: '127.0.0.1',
    port: String(port),
    useTLS: false,
    ...more,
  })
}

/** A client of an app whose backend authorizes private channels. */
export function connectAuthorized(port: number, id: string): Client {
  return connect(port, `${id}-key`, {
    channelAuthorization: {
      endpoint: '',
      transport: 'ajax',
      customHandler: ({ socketId, channelName }, done) =>
        done(null, backend(port, id).authorizeChannel(socketId, channelName)),
    },
  })
}

/** Subscribes and waits until the server has confirmed it. */
export async function subscribe(client: Client, name: string): Promise<Channel> {
  const channel = client.pusher.subscribe(name)
  await new Promise((resolve, reject) => {
    channel.bind('pusher:subscription_succeeded', resolve)
    channel.bind('pusher:subscription_error', (error: unknown) => reject(new Error(JSON.stringify(error))))
  })
  return channel
}

/** The next event of this name on the channel. */
export function nextEvent(channel: Channel, event: string): Promise<unknown> {
  return new Promise((resolve) => {
    const listen = (data: unknown) => {
      channel.unbind(event, listen)
      resolve(data)
    }
    channel.bind(event, listen)
  })
}

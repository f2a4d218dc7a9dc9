import PusherServer from 'pusher'

/** More than any limit of a generated app, so that soketi rejects it and names the limit. */
const MANY = 400

/** What an app is to the clients and backends of a soketi: each rejection with its text, which names the limit. */
export type Observed = {
  readonly connections: readonly string[]
  readonly events: readonly string[]
  readonly requests: readonly string[]
}

/** Uses an app in ways that show each of its limits: two connections, messages of a client, and requests of a backend. */
export async function observeApp(
  port: number,
  { id, key, secret }: { readonly id: string; readonly key: string; readonly secret: string },
): Promise<Observed> {
  const [first, second] = [await connect(port, key), await connect(port, key)]
  const events = first.isOpen ? await first.exceedLimits() : []
  const isKnown = ![first, second].some(({ answer }) => answer === '4001' || answer === '4003')
  const requests = isKnown
    ? await exceedLimitsOfBackend(port, id, new PusherServer({ appId: id, key, secret, host: '127.0.0.1' }))
    : []
  first.close()
  second.close()
  return { connections: [first.answer, second.answer], events, requests }
}

type Message = { readonly event: string; readonly channel?: string; readonly data?: unknown }

async function connect(port: number, key: string) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/app/${key}?protocol=7`)
  const received: Message[] = []
  let notify = () => {}
  socket.addEventListener('message', ({ data }) => {
    received.push(JSON.parse(data))
    notify()
  })
  const next = async (isWanted: (message: Message) => boolean): Promise<Message> => {
    for (;;) {
      const found = received.find(isWanted)
      if (found) return found
      await new Promise<void>((resolve) => {
        notify = resolve
      })
    }
  }
  const greeting = await next(() => true)
  const isOpen = greeting.event === 'pusher:connection_established'
  return {
    isOpen,
    answer: isOpen ? 'connected' : String((greeting.data as { code: number }).code),
    close: () => socket.close(),
    async exceedLimits(): Promise<string[]> {
      const send = (event: string, data: object, channel?: string) =>
        socket.send(JSON.stringify({ event, data, channel }))
      send('pusher:subscribe', { channel: 'c'.repeat(MANY) })
      send(`client-${'e'.repeat(MANY)}`, {}, 'private-a')
      const channel_data = JSON.stringify({ user_id: 'a', user_info: kilobytes(MANY) })
      send('pusher:subscribe', { channel: 'presence-a', channel_data, auth: 'none' })
      await next(({ channel }) => channel === 'presence-a')
      send('pusher:ping', {})
      await next(({ event }) => event === 'pusher:pong')
      return received.filter(({ event }) => event.endsWith('error')).map(({ data }) => JSON.stringify(data))
    },
  }
}

/** Requests beyond the limits. After the first one that exceeds a rate, the next could too, so it is the last. */
async function exceedLimitsOfBackend(port: number, id: string, pusher: PusherServer): Promise<string[]> {
  const event = { name: 'a', channel: 'a', data: 'a' }
  const requests = [
    ['GET', 'channels'],
    ['POST', 'batch_events', { batch: Array(MANY).fill(event) }],
    ['POST', 'events', { ...event, channels: Array(MANY).fill('a') }],
    ['POST', 'events', { ...event, name: 'e'.repeat(MANY) }],
    ['POST', 'events', { ...event, data: kilobytes(MANY) }],
  ] as const
  const answers: string[] = []
  for (const [method, route, content] of requests) {
    const path = `/apps/${id}/${route}`
    const body = content && JSON.stringify(content)
    const query = pusher.createSignedQueryString({ method, path, ...(body && { body }) })
    const response = await fetch(`http://127.0.0.1:${port}${path}?${query}`, {
      method,
      ...(body && { body, headers: { 'content-type': 'application/json' } }),
    })
    const text = await response.text()
    answers.push(text)
    if (method === 'POST' && text.includes('"code":429')) break
  }
  return answers
}

function kilobytes(count: number): string {
  return 'x'.repeat(count * 1024)
}

// Clients of pusher-js, laravel-echo or pusher-client, one for each line of stdin: NUMBER PORT ID KEY SECRET.
// Says what each is told, one line each: NUMBER WHAT.

import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import Echo from 'laravel-echo'
import Backend from 'pusher'
import Pusher from 'pusher-js'

const PusherClient = createRequire(import.meta.url)('pusher-client')
PusherClient.warn = () => {}

const [library] = process.argv.slice(2)
const start = { 'pusher-js': startPusher, 'laravel-echo': startEcho, 'pusher-client': startPusherClient }[
  library
]

createInterface(process.stdin).on('line', (line) => {
  const [number, port, appId, key, secret] = line.split(' ')
  const say = (...words) => console.log([number, ...words].join(' '))
  const { connection, channels } = start({ port, appId, key, secret })
  connection.bind('connected', () => say('connected'))
  connection.bind('error', ({ data, error }) => say('error', data?.code ?? error?.data?.code ?? ''))
  for (const [name, channel] of Object.entries(channels)) {
    channel.bind('pusher:subscription_succeeded', () => say('subscribed', name))
    channel.bind('news', ({ from }) => say('event', name, from))
  }
})

function startPusher({ key, ...app }) {
  const pusher = new Pusher(key, optionsFor({ key, ...app }))
  return { connection: pusher.connection, channels: subscribeTo(pusher) }
}

function startEcho({ key, ...app }) {
  const echo = new Echo({ broadcaster: 'pusher', key, Pusher, ...optionsFor({ key, ...app }) })
  echo.private('room')
  echo.join('room')
  const { pusher } = echo.connector
  const channels = Object.fromEntries(pusher.allChannels().map((channel) => [channel.name, channel]))
  return { connection: pusher.connection, channels }
}

function startPusherClient({ port, key, secret }) {
  const member = { user_id: library }
  const pusher = new PusherClient(key, { host: '127.0.0.1', wsPort: port, secret, channel_data: member })
  pusher.connection.bind = pusher.connection.on
  return { connection: pusher.connection, channels: subscribeTo(pusher) }
}

function subscribeTo(pusher) {
  const names = ['private-room', 'presence-room']
  return Object.fromEntries(names.map((name) => [name, pusher.subscribe(name)]))
}

function optionsFor({ port, ...app }) {
  const backend = new Backend({ ...app, host: '127.0.0.1', port, useTLS: false })
  const authorize = ({ socketId, channelName }, done) => {
    const member = channelName.startsWith('presence-') ? { user_id: library } : undefined
    done(null, backend.authorizeChannel(socketId, channelName, member))
  }
  return {
    cluster: '',
    wsHost: '127.0.0.1',
    wsPort: port,
    forceTLS: false,
    enabledTransports: ['ws'],
    disableStats: true,
    channelAuthorization: { customHandler: authorize },
  }
}

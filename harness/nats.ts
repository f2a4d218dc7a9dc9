import { type LocalServer, startLocalServer } from './local-server.ts'

/** Starts a real NATS server. */
export function startNats(): Promise<LocalServer> {
  return startLocalServer('nats/bin/nats-server', (port) => ['--addr', '127.0.0.1', '--port', port])
}

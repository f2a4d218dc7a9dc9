import { CREDENTIALS } from './warm-dynamodb.ts'

/** soketi's settings. */
export type Environment = Readonly<Record<string, string>>

/** The environment of a soketi with this app in its configuration. */
export const arrayDriver = (id: string): Environment => ({
  SOKETI_APP_MANAGER_DRIVER: 'array',
  SOKETI_DEFAULT_APP_ID: id,
  SOKETI_DEFAULT_APP_KEY: `${id}-key`,
  SOKETI_DEFAULT_APP_SECRET: `${id}-secret`,
})

/** The environment of a soketi that reads DynamoDB itself. */
export const dynamodbDriver = (endpoint: string, more: Environment = {}): Environment => ({
  SOKETI_APP_MANAGER_DRIVER: 'dynamodb',
  SOKETI_APP_MANAGER_DYNAMODB_ENDPOINT: endpoint,
  ...CREDENTIALS,
  ...more,
})

/** soketi's own cache with its defaults: in memory, without a TTL. */
export const SOKETI_CACHE: Environment = { SOKETI_APP_MANAGER_CACHE_ENABLED: '1' }

/** Turns off the adapter's rate limit for unknown apps, which is 50 per second by default. */
export const ANY_UNKNOWN: Environment = { SOKETI_APP_MANAGER_HTTP_UNKNOWN_LOOKUPS_PER_SECOND: '1000000' }

/** Whether a soketi has the adapter. */
export const hasAdapter = (env: Environment): boolean => env.SOKETI_APP_MANAGER_DRIVER === 'http'

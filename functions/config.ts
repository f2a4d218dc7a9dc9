import { parseRegion, readTableSettings } from './table-settings.ts'

/** The settings of a function. Names have their unit. */
export type Config = {
  readonly tableName: string
  /** The table of the change log; a stack without a change feed has none. */
  readonly changeLogTable: string | undefined
  readonly region: string
  /** The endpoint of a local DynamoDB; AWS's own if absent. */
  readonly endpoint: string | undefined
  readonly connectTimeoutMs: number
  readonly attemptTimeoutMs: number
  readonly maxAttempts: number
  /** For a whole read with its retries. */
  readonly deadlineMs: number
  readonly appTtlMs: number
  readonly negativeTtlMs: number
  readonly maxCachedApps: number
  /** The most bytes of JSON in a cache; as objects they take several times as much memory. */
  readonly maxCachedBytes: number
  readonly prime: boolean
  /** The authorizer's list of `consumer:scope:sha256` entries, not parsed. */
  readonly consumers: string
  readonly serviceName: string
  readonly metricsNamespace: string
  /** Whether functions start on demand, that is, without provisioned concurrency. */
  readonly startsOnDemand: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the configuration from environment variables; nothing else reads `process.env`.
 *
 * The table is soketi's ({@link readTableSettings}). The region defaults to the function's own (`AWS_REGION`), then to
 * soketi's default.
 *
 * @throws {Error} that names the variable and its valid values
 */
export function readConfig(environment: Environment = process.env): Config {
  const setting = (name: string) => environment[name]?.trim() || undefined
  const ownRegion = parseRegion(setting('AWS_REGION') ?? 'us-east-1', 'AWS_REGION')
  const { table = 'apps', region = ownRegion, endpoint } = readTableSettings(environment)
  const whole = (name: string, fallback: number, min: number, max: number): number => {
    const value = Number(setting(name) ?? fallback)
    if (Number.isInteger(value) && value >= min && value <= max) return value
    throw new Error(`${name} must be a whole number from ${min} to ${max}, not "${setting(name)}".`)
  }
  // Set by Lambda. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
  const memoryMb = whole('AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 512, 1, 100_000)
  return {
    tableName: table,
    changeLogTable: setting('CHANGE_LOG_TABLE'),
    region,
    endpoint,
    connectTimeoutMs: whole('DYNAMODB_CONNECT_TIMEOUT_MS', 300, 1, 5000),
    attemptTimeoutMs: whole('DYNAMODB_ATTEMPT_TIMEOUT_MS', 700, 1, 5000),
    maxAttempts: whole('DYNAMODB_MAX_ATTEMPTS', 3, 1, 10),
    deadlineMs: whole('DYNAMODB_DEADLINE_MS', 2000, 1, 10_000),
    appTtlMs: 1000 * whole('APP_CACHE_TTL_SECONDS', 10, 0, 3600),
    negativeTtlMs: 1000 * whole('NEGATIVE_CACHE_TTL_SECONDS', 2, 0, 3600),
    maxCachedApps: whole('CACHE_MAX_APPS', 1000, 1, 100_000),
    maxCachedBytes: 2 ** 20 * whole('CACHE_MAX_MB', Math.ceil(memoryMb / 64), 1, 10_240),
    prime: oneOf('PRIME', setting('PRIME') ?? 'on', ['on', 'off']) === 'on',
    consumers: environment.CONSUMERS ?? '',
    serviceName: setting('POWERTOOLS_SERVICE_NAME') ?? 'soketi-app-lookup',
    metricsNamespace: setting('POWERTOOLS_METRICS_NAMESPACE') ?? 'soketi-app-lookup',
    startsOnDemand: setting('AWS_LAMBDA_INITIALIZATION_TYPE') === 'on-demand',
  }
}

function oneOf<T extends string>(name: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value)
  if (choice !== undefined) return choice
  throw new Error(`${name} must be one of ${choices.join(', ')}, not "${value}".`)
}

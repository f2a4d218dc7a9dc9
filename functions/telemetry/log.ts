import { stdout } from 'node:process'
import type { Context } from 'aws-lambda'
import type { LookupEvent } from '../access/caller.ts'
import type { Config } from '../config.ts'

/** Writes one log event: on Lambda, each line of standard output is one. */
export type WriteLine = (line: string) => void

/** Writes a line to standard output. */
export const writeLine: WriteLine = (line) => {
  stdout.write(`${line}\n`)
}

/** Fields of a log line; strings are cut at 128 characters. */
export type LogFields = Readonly<Record<string, unknown>>

/** Writes one structured line. `request` adds the ids of the request and of the function. */
export type Log = (
  level: 'WARN' | 'ERROR',
  message: string,
  fields: LogFields,
  request?: Partial<LogRequest>,
) => void

/** The request that a line belongs to. */
export type LogRequest = { readonly event: Pick<LookupEvent, 'requestContext'>; readonly context: Context }

/**
 * A structured log in the format of Powertools' Logger, which would take 32 µs per line and 30 KB.
 * https://docs.aws.amazon.com/powertools/typescript/latest/features/logger/
 *
 * Callers pass single fields; never an event, a header, a body, or an error with a message that is not ours.
 */
export function createLog({ serviceName }: Config, write: WriteLine = writeLine): Log {
  return (level, message, fields, { event, context } = {}) =>
    write(
      JSON.stringify({
        level,
        message,
        timestamp: new Date().toISOString(),
        service: serviceName,
        function_arn: context?.invokedFunctionArn,
        function_memory_size: context?.memoryLimitInMB,
        function_name: context?.functionName,
        function_request_id: context?.awsRequestId,
        correlation_id: event?.requestContext?.requestId,
        ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, cut(value)])),
      }),
    )
}

function cut(value: unknown): unknown {
  return typeof value === 'string' && value.length > 128 ? `${value.slice(0, 128)}…` : value
}

/**
 * The name and stack of an unexpected error, without its message: Node and libraries quote input in messages
 * (JSON.parse does), and input can be a secret.
 */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: { name: typeof error } }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return { error: { name: error.name, stack: frames.slice(0, 10).join('\n') } }
}

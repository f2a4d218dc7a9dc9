import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { HttpRequest } from '@smithy/types'
import type { Config } from '../config.ts'
import { type Call, sendWithRetries } from './attempts.ts'
import { createExchange } from './exchange.ts'
import { signAgain } from './sign-again.ts'

/** The user agent of every request. CloudTrail shows it if data events are on. */
const USER_AGENT = 'soketi-app-lookup'

/**
 * A DynamoDB client that sends requests with {@link sendWithRetries}: a command ends by the deadline of its call
 * ({@link forCall}), or after the configured time.
 *
 * Credentials come from the SDK's default chain; the build for Lambda keeps only the environment.
 */
export function createDynamoDBClient(config: Config): DynamoDBClient {
  const { region, endpoint, deadlineMs, maxAttempts } = config
  const exchange = createExchange(config)
  const client = new DynamoDBClient({
    region,
    ...(endpoint && { endpoint }),
    // The middleware stack is the same for every GetItem. Resolving it only once saves 8 % of a call's time.
    cacheMiddleware: true,
    requestHandler: {
      handle: async (request: HttpRequest) => {
        const call = calls.get(request) ?? { deadline: Date.now() + deadlineMs, attempts: 0 }
        return { response: await sendWithRetries(exchange, request, call, maxAttempts) }
      },
      destroy: exchange.destroy,
    },
  })
  // sendWithRetries and signAgain replace this middleware. The name is kept, because the SDK adds its signing middleware
  // relative to it.
  removeMiddleware(client, 'retryMiddleware')
  client.middlewareStack.add(signAgain, {
    step: 'finalizeRequest',
    priority: 'high',
    name: 'retryMiddleware',
  })
  // Even without a logger, this middleware takes 5 % of a call's time.
  removeMiddleware(client, 'loggerMiddleware')
  // The SDK's own takes another 5 % to build the same header for every call.
  removeMiddleware(client, 'getUserAgentMiddleware')
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as HttpRequest
      headers['user-agent'] = USER_AGENT
      return next(args)
    },
    { step: 'build', name: 'userAgent' },
  )
  // In the last step, `args.request` is the object that the request handler receives.
  client.middlewareStack.add(
    (next) => (args) => {
      const call = calls.get(args.input)
      if (call) calls.set(args.request as HttpRequest, call)
      return next(args)
    },
    { step: 'deserialize', priority: 'low', name: 'call' },
  )
  return client
}

// The call of each command input, and of each request. It is not passed as an option of `send`, because with any option
// the client resolves its middleware again, which takes 10 % of a call's time.
const calls = new WeakMap<object, Call>()

/** Assigns a command to a call. */
export function forCall<C extends { readonly input: object }>(call: Call, command: C): C {
  calls.set(command.input, call)
  return command
}

/** Removes a middleware of the SDK. @throws {Error} if a later release of the SDK has none of this name */
export function removeMiddleware(client: Pick<DynamoDBClient, 'middlewareStack'>, name: string): void {
  if (!client.middlewareStack.remove(name))
    throw new Error(`The AWS SDK has no middleware ${name}; functions/dynamodb/client.ts needs its new name.`)
}

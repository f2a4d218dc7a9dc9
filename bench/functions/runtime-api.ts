import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** Lambda's Runtime API for one start of a function. */
export type RuntimeApi = {
  /** Host and port, for `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string
  /** Resolves when the function has started and requests its first event. Rejects if the start fails. */
  readonly started: Promise<void>
  /** Sends the first event, and resolves with the function's response. */
  invoke(event: unknown): Promise<unknown>
  close(): void
}

/**
 * Starts a small Runtime API.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const next = Promise.withResolvers<ServerResponse>()
  const result = Promise.withResolvers<unknown>()
  const server = createServer(async (request, response) => {
    // …/invocation/next, …/init/error, …/invocation/ID/response, …/invocation/ID/error
    const [part, action] = String(request.url).split('/').slice(-2)
    if (action === 'next') return next.resolve(response)
    const body = await text(request)
    if (action === 'response') result.resolve(JSON.parse(body))
    else if (part === 'init') next.reject(new Error(`The start failed: ${body}`))
    else result.reject(new Error(`The invocation failed: ${body}`))
    response.writeHead(202).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    started: next.promise.then(() => {}),
    async invoke(event) {
      const response = await next.promise
      response.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': 'bench',
        'lambda-runtime-deadline-ms': String(Date.now() + 10_000),
        'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:123456789012:function:bench',
        'lambda-runtime-trace-id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
      })
      response.end(JSON.stringify(event))
      return result.promise
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

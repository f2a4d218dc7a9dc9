import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** The side of Lambda that a runtime interface client talks to, for one start of a function. */
export type RuntimeApi = {
  /** Host and port, as `AWS_LAMBDA_RUNTIME_API` wants them. */
  readonly address: string
  /** Resolves when the function has started and asks for its first event; rejects if its start fails. */
  readonly started: Promise<void>
  /** Hands out the first event, and resolves with what the function answers. */
  invoke(event: unknown): Promise<unknown>
  close(): void
}

const VERSION = '/2018-06-01/runtime'

/**
 * Starts a small Runtime API.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  let waiting: ServerResponse | undefined
  const next = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<unknown>()

  const routes: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
    [`GET ${VERSION}/invocation/next`]: (_, response) => {
      waiting = response
      next.resolve()
    },
    [`POST ${VERSION}/init/error`]: async (request, response) => {
      next.reject(new Error(`The start failed: ${await text(request)}`))
      response.writeHead(202).end()
    },
    [`POST ${VERSION}/invocation/response`]: async (request, response) => {
      answer.resolve(JSON.parse(await text(request)))
      response.writeHead(202).end()
    },
    [`POST ${VERSION}/invocation/error`]: async (request, response) => {
      answer.reject(new Error(`The invocation failed: ${await text(request)}`))
      response.writeHead(202).end()
    },
  }
  const server = createServer((request, response) => {
    const path = request.url?.replace(/(?<=\/invocation)\/[^/]+(?=\/(response|error))/, '')
    const route = routes[`${request.method} ${path}`]
    if (route) route(request, response)
    else response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    started: next.promise,
    invoke: (event) => {
      const body = JSON.stringify(event)
      waiting?.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'lambda-runtime-aws-request-id': 'bench',
        'lambda-runtime-deadline-ms': String(Date.now() + 10_000),
        'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:123456789012:function:bench',
        'lambda-runtime-trace-id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
      })
      waiting?.end(body)
      return answer.promise
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

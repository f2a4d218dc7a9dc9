import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * What happens to a request: it succeeds, is throttled, is denied as a Query of the index, succeeds but its response is lost, or never ends. A promise delays
 * it.
 */
export type Fate = 'pass' | 'throttle' | 'deny' | 'lose-answer' | 'hang'

/** The index of the error message of `deny`. */
export const INDEX_ARN = 'arn:aws:dynamodb:eu-west-1:111122223333:table/apps/index/AppKeyIndex'

const ERRORS = {
  throttle: { __type: 'ThrottlingException', message: 'slow' },
  deny: {
    __type: 'AccessDeniedException',
    message: `User: arn:aws:iam::111122223333:user/admin is not authorized to perform: dynamodb:Query on resource: ${INDEX_ARN} because no identity-based policy allows the dynamodb:Query action`,
  },
}

export type FaultyDynamoDB = { readonly endpoint: string; close(): Promise<void> }

/** Starts a proxy to a DynamoDB. `fateOf` decides what happens to a request, from its operation (`PutItem`) and body. */
export async function startFaultyDynamoDB(
  target: string,
  fateOf: (operation: string, body: string) => Fate | Promise<Fate>,
): Promise<FaultyDynamoDB> {
  const server = http.createServer(async (incoming, answer) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? ''
    const fate = await fateOf(operation, body.toString())
    if (fate === 'hang') return
    if (fate === 'throttle' || fate === 'deny') {
      answer.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' })
      answer.end(JSON.stringify(ERRORS[fate]))
      return
    }
    const outgoing = http.request(target, { method: 'POST', headers: incoming.headers, agent: false })
    outgoing.on('response', (response) => {
      if (fate === 'lose-answer') response.resume().on('end', () => answer.destroy())
      else response.pipe(answer.writeHead(response.statusCode ?? 0, response.headers))
    })
    outgoing.on('error', () => answer.destroy())
    outgoing.end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { SAMPLE_APPS } from '../dev/sample-apps.ts'

// A process of its own: it answers every GetItem and Query with the same item and counts them.

const json = (value: unknown) =>
  Buffer.from(
    JSON.stringify(value, (_, inner) =>
      // What Buffer.toJSON made of binary text, in the form of DynamoDB's protocol.
      inner?.type === 'Buffer' ? Buffer.from(inner.data).toString('base64') : inner,
    ),
  )

const ANSWERS: Readonly<Record<string, Buffer>> = {
  GetItem: json({ Item: SAMPLE_APPS[0] }),
  Query: json({ Items: [SAMPLE_APPS[0]], Count: 1, ScannedCount: 1 }),
}

let requests = 0
const { BENCH_TLS_KEY: key, BENCH_TLS_CERT: cert } = process.env
const server = createServer({ key, cert, keepAlive: true, keepAliveTimeout: 60_000 }, (request, response) => {
  requests += 1
  const [, operation = ''] = String(request.headers['x-amz-target']).split('.')
  request.resume().on('end', () => {
    const body = ANSWERS[operation] ?? json({ __type: 'UnknownOperationException' })
    response.writeHead(ANSWERS[operation] ? 200 : 400, {
      'content-type': 'application/x-amz-json-1.0',
      'content-length': body.length,
      'x-amzn-requestid': 'BENCH',
    })
    response.end(body)
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.on('disconnect', () => process.exit())
process.on('message', () => process.send?.({ requests }))
process.send?.({ port: (server.address() as AddressInfo).port })

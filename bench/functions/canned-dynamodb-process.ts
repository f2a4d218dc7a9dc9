import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SAMPLE_APPS } from '../../dev/sample-apps.ts'
import { NO_APPS } from '../../functions/prime.ts'

// A process of its own: it answers every GetItem and Query with the same item and counts them; for the apps that no
// table has it has none, so that what primes a function finds what it finds on AWS.

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
const NOTHING: typeof ANSWERS = {
  GetItem: json({}),
  Query: json({ Items: [], Count: 0, ScannedCount: 0 }),
}

let requests = 0
const { BENCH_TLS_KEY: key, BENCH_TLS_CERT: cert } = process.env
const server = createServer(
  { key, cert, keepAlive: true, keepAliveTimeout: 60_000 },
  async (request, response) => {
    requests += 1
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.')
    const question = await text(request)
    const answers = NO_APPS.some((app) => question.includes(app)) ? NOTHING : ANSWERS
    const body = answers[operation] ?? json({ __type: 'UnknownOperationException' })
    response.writeHead(answers[operation] ? 200 : 400, {
      'content-type': 'application/x-amz-json-1.0',
      'content-length': body.length,
      'x-amzn-requestid': 'BENCH',
    })
    response.end(body)
  },
)
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.on('disconnect', () => process.exit())
process.on('message', () => process.send?.({ requests }))
process.send?.({ port: (server.address() as AddressInfo).port })

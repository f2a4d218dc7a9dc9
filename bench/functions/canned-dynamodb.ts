import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { SAMPLE_APPS } from '../../dev/sample-apps.ts'
import { NO_APPS } from '../../functions/prime.ts'
import { createCertificate } from '../../harness/certificate.ts'

/** An HTTPS server that answers every GetItem and Query with the same app. */
export type CannedDynamoDB = {
  /** The environment in which a variant reads from it, and verifies its certificate. */
  readonly environment: Readonly<Record<string, string>>
  /** How many requests it has answered. */
  requests(): number
  close(): Promise<void>
}

const [Item] = SAMPLE_APPS
const FOUND: Readonly<Record<string, Buffer>> = {
  GetItem: json({ Item }),
  Query: json({ Items: [Item], Count: 1, ScannedCount: 1 }),
}
const NOT_FOUND: typeof FOUND = {
  GetItem: json({}),
  Query: json({ Items: [], Count: 0, ScannedCount: 0 }),
}

export async function startCannedDynamoDB(): Promise<CannedDynamoDB> {
  const certificate = await createCertificate()
  const directory = await mkdtemp(join(tmpdir(), 'bench-'))
  await writeFile(join(directory, 'certificate.pem'), certificate.cert)
  let requests = 0
  const options = { ...certificate, keepAlive: true, keepAliveTimeout: 60_000 }
  const server = createServer(options, async (request, response) => {
    requests += 1
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.')
    // Priming a function reads apps that no table has.
    const isPriming = await text(request).then((body) => NO_APPS.some((app) => body.includes(app)))
    const body = (isPriming ? NOT_FOUND : FOUND)[operation] ?? json({ __type: 'UnknownOperationException' })
    response.writeHead(FOUND[operation] ? 200 : 400, {
      'content-type': 'application/x-amz-json-1.0',
      'content-length': body.length,
      'x-amzn-requestid': 'BENCH',
    })
    response.end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    environment: {
      APP_MANAGER_DYNAMODB_ENDPOINT: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      NODE_EXTRA_CA_CERTS: join(directory, 'certificate.pem'),
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_SESSION_TOKEN: 'bench',
    },
    requests: () => requests,
    async close() {
      server.closeAllConnections()
      server.close()
      await rm(directory, { recursive: true })
    },
  }
}

function json(value: unknown): Buffer {
  // What Buffer.toJSON made of binary text, in the form of DynamoDB's protocol.
  const text = JSON.stringify(value, (_, inner) =>
    inner?.type === 'Buffer' ? Buffer.from(inner.data).toString('base64') : inner,
  )
  return Buffer.from(text)
}

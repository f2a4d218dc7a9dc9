import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import { SAMPLE_APPS } from '../../dev/sample-apps.ts'
import { encodeEntry } from '../../functions/feed/change-entry.ts'
import { NO_APPS } from '../../functions/prime.ts'
import { createCertificate } from '../../harness/certificate.ts'
import { openDelayedPort } from './delayed-port.ts'

/** An HTTPS server that answers every GetItem and Query with an app of the requested id or key. */
export type CannedDynamoDB = {
  /** The environment of a variant that reads from it and verifies its certificate. */
  readonly environment: Readonly<Record<string, string>>
  /** How many requests it has answered. */
  requests(): number
  close(): Promise<void>
}

/** @param delayMs the time for one way between it and its clients */
export async function startCannedDynamoDB(delayMs = 0): Promise<CannedDynamoDB> {
  const certificate = await createCertificate()
  const directory = await mkdtemp(join(tmpdir(), 'bench-'))
  await writeFile(join(directory, 'certificate.pem'), certificate.cert)
  let requests = 0
  const options = { ...certificate, keepAlive: true, keepAliveTimeout: 60_000 }
  const server = createServer(options, async (request, response) => {
    requests += 1
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.')
    const body = Buffer.from(bodyFor(operation, await text(request)))
    response.writeHead(200, {
      'content-type': 'application/x-amz-json-1.0',
      'content-length': body.length,
      'x-amz-crc32': String(crc32(body)),
      'x-amzn-requestid': 'BENCH',
    })
    response.end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const delayed = delayMs > 0 ? await openDelayedPort(port, delayMs) : undefined
  return {
    environment: {
      APP_MANAGER_DYNAMODB_ENDPOINT: `https://127.0.0.1:${delayed?.port ?? port}`,
      NODE_EXTRA_CA_CERTS: join(directory, 'certificate.pem'),
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_SESSION_TOKEN: 'bench',
    },
    requests: () => requests,
    async close() {
      delayed?.close()
      server.closeAllConnections()
      server.close()
      await rm(directory, { recursive: true })
    },
  }
}

const now = Date.now() / 1000
const ENTRY = {
  epoch: 'test-epoch-',
  hints: [],
  heartbeatAt: Math.floor(now),
  source: 'arn:bench',
  appendedAt: now,
}
const SAMPLE = JSON.stringify(SAMPLE_APPS[0], (_, value) =>
  // The result of Buffer.toJSON, in the form of DynamoDB's protocol.
  value?.type === 'Buffer' ? Buffer.from(value.data).toString('base64') : value,
)

/**
 * The response of DynamoDB: the app of this id or key, or nothing for the names that a function uses for priming; or the
 * entry of the change log with this number, without hints.
 */
function bodyFor(operation: string, request: string): string {
  const [, seq] = /":first":\{"N":"(\d+)"/.exec(request) ?? []
  if (seq) return listOf([JSON.stringify(encodeEntry({ ...ENTRY, seq: Number(seq) }))])
  const [asked = 'demo'] = /(?<=")app-\d+/.exec(request) ?? []
  const items = NO_APPS.some((app) => request.includes(app)) ? [] : [SAMPLE.replaceAll('demo', asked)]
  return operation === 'Query' ? listOf(items) : `{${items.map((item) => `"Item":${item}`)}}`
}

const listOf = (items: readonly string[]) =>
  `{"Items":[${items}],"Count":${items.length},"ScannedCount":${items.length}}`

import { fork } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nextMessage } from '../child-message.ts'
import { makeCertificate } from './peers.ts'

/** An HTTPS server that answers every GetItem and Query with the same app, in a process of its own. */
export type CannedDynamoDB = {
  /** The environment that makes a variant ask it, with TLS checked as ever. */
  readonly environment: Readonly<Record<string, string>>
  /** How many requests it has answered. */
  requests(): Promise<number>
  close(): Promise<void>
}

export async function startCannedDynamoDB(): Promise<CannedDynamoDB> {
  const { key, cert } = await makeCertificate()
  const directory = await mkdtemp(join(tmpdir(), 'bench-'))
  const certificate = join(directory, 'certificate.pem')
  await writeFile(certificate, cert)
  const child = fork(new URL('canned-dynamodb-process.ts', import.meta.url), {
    env: { ...process.env, BENCH_TLS_KEY: key, BENCH_TLS_CERT: cert },
  })
  const { port } = await nextMessage<{ port: number }>(child, 'the canned DynamoDB')
  return {
    environment: {
      APP_MANAGER_DYNAMODB_ENDPOINT: `https://localhost:${port}`,
      NODE_EXTRA_CA_CERTS: certificate,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_SESSION_TOKEN: 'bench',
    },
    async requests() {
      child.send('requests')
      return (await nextMessage<{ requests: number }>(child, 'the canned DynamoDB')).requests
    },
    async close() {
      child.kill()
      await rm(directory, { recursive: true })
    },
  }
}

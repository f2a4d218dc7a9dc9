import { fork } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { loadConfig as loadSdkConfig, resolveRegionConfig as resolveSdkRegion } from '@smithy/core/config'
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { bundleFunctions } from '../../dev/bundle.ts'
import { LOCAL_CREDENTIALS } from '../../dev/embedded-dynamodb.ts'
import { readStack } from '../../dev/stack.ts'
import {
  booleanSelector,
  loadConfig,
  NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS,
  resolveRegionConfig,
} from '../../functions/shims/environment-config.ts'
import { Sha256 } from '../../functions/shims/native-sha256.ts'
import {
  answer,
  fails,
  has,
  MISBEHAVIOURS,
  type Misbehaviour,
  startMisbehavingDynamoDB,
} from '../support/misbehaving-dynamodb.ts'

let directory: string
let bundled: ReadonlyMap<string, URL>
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bundles-'))
  const bundles = await bundleFunctions(directory)
  bundled = new Map(bundles.map(({ name, file }) => [name, pathToFileURL(file)]))
})
afterAll(() => rm(directory, { recursive: true }))

const ITEM = { AppId: { S: 'demo' }, AppKey: { S: 'demo-key' }, AppSecret: { S: 'demo-secret' } }
const EVENTS = { FindAppById: 'find-by-id', FindAppByKey: 'find-by-key', LookupApps: 'lookup-by-id' }
type Name = keyof typeof EVENTS

const well = has(ITEM)
const thenWell =
  (first: Misbehaviour): Misbehaviour =>
  (request, response, attempt, body) =>
    (attempt === 1 ? first : well)(request, response, attempt, body)

const WAYS: Readonly<Record<string, Misbehaviour>> = {
  ...MISBEHAVIOURS,
  'is well': well,
  'has no such app': has(),
  'answers with a message': (_request, response) => answer(response, 200, { message: 'OK' }),
  'throttles by a status alone': (_request, response) => response.writeHead(429).end(),
  'throttles once': thenWell(fails(400, 'ThrottlingException')),
  'resets once': thenWell(MISBEHAVIOURS.resets),
  'hangs once': thenWell(MISBEHAVIOURS.hangs),
  'answers 500 once': thenWell(MISBEHAVIOURS['answers 500']),
  'rejects the time of a signature once': thenWell(
    fails(400, 'InvalidSignatureException', 'Signature expired: made up'),
  ),
  'answers HTML once': thenWell(MISBEHAVIOURS['answers HTML']),
}

const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
}
// Three attempts fit into the deadline, even on a busy machine.
const PATIENCE = { DYNAMODB_ATTEMPT_TIMEOUT_MS: '1200', DYNAMODB_DEADLINE_MS: '4500' }

/** The response of a function to a behavior of DynamoDB, without values that change with each call. */
async function observe(
  name: Name,
  entry: URL | undefined,
  misbehave: Misbehaviour,
  credentials: Readonly<Record<string, string>> = CREDENTIALS,
) {
  const spec = readStack({}).functions.find((candidate) => candidate.name === name)
  if (!spec || !entry) throw new Error(`The template has no function ${name}.`)
  const event = JSON.parse(
    await readFile(new URL(`../../events/${EVENTS[name]}.json`, import.meta.url), 'utf8'),
  )
  const signatures: unknown[] = []
  const dynamodb = await startMisbehavingDynamoDB((request, response, ...rest) => {
    signatures.push(/SignedHeaders=[^,]+/.exec(String(request.headers.authorization))?.[0])
    misbehave(request, response, ...rest)
  })
  // In a child process, because the functions write to the file descriptor of standard output.
  const lambda = fork(new URL('./function-process.ts', import.meta.url), {
    env: {
      ...spec.environment,
      ...PATIENCE,
      ...credentials,
      APP_MANAGER_DYNAMODB_ENDPOINT: dynamodb.endpoint,
      PRIME: 'off',
      FUNCTION_ENTRY: entry.href,
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const written = lambda.stdout ? text(lambda.stdout) : ''
  try {
    await once(lambda, 'message')
    lambda.send(event)
    const [message] = await once(lambda, 'message')
    const { statusCode, headers, body }: APIGatewayProxyStructuredResultV2 = message.answer
    lambda.disconnect()
    const logged: Record<string, unknown>[] = (await written)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    return {
      statusCode,
      body,
      headers: Object.keys(headers ?? {}),
      attempts: dynamodb.attempts(),
      signatures,
      errors: logged.flatMap(({ level, code, storeError, systemError, httpStatusCode, attempts }) =>
        level === 'ERROR' ? [{ code, storeError, systemError, httpStatusCode, attempts }] : [],
      ),
      metrics: logged.flatMap((line) => (line._aws ? Object.keys(line) : [])),
    }
  } finally {
    lambda.kill()
    await dynamodb.close()
  }
}

const sourceOf = (name: Name) => readStack({}).functions.find((spec) => spec.name === name)?.entry

describe.concurrent('the client that ships does what the whole SDK does', () => {
  it.each(Object.keys(WAYS))('when DynamoDB %s', async (way) => {
    const misbehave = WAYS[way] as Misbehaviour
    const source = await observe('FindAppById', sourceOf('FindAppById'), misbehave)
    expect(await observe('FindAppById', bundled.get('FindAppById'), misbehave)).toEqual(source)
    expect(source.attempts).toBeGreaterThan(0)
  })

  it.each(['FindAppByKey', 'LookupApps'] as const)('in %s, throttled once', async (name) => {
    const source = await observe(name, sourceOf(name), WAYS['throttles once'] as Misbehaviour)
    expect(await observe(name, bundled.get(name), WAYS['throttles once'] as Misbehaviour)).toEqual(source)
    expect([source.statusCode, source.attempts]).toEqual([200, 2])
  })

  it('without credentials', async () => {
    // Without the credentials of the machine and the metadata of an instance.
    const none = { AWS_EC2_METADATA_DISABLED: 'true', HOME: directory }
    const source = await observe('FindAppById', sourceOf('FindAppById'), well, none)
    expect(await observe('FindAppById', bundled.get('FindAppById'), well, none)).toEqual(source)
    expect([source.statusCode, source.attempts]).toEqual([503, 0])
  })
})

describe('settings from the environment', () => {
  afterEach(() => vi.unstubAllEnvs())

  it.each(['true', 'false', 'maybe', undefined])("are the SDK's own: %s", async (value) => {
    vi.stubEnv('AWS_CONFIG_FILE', join(directory, 'no-such-file'))
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(directory, 'no-such-file'))
    vi.stubEnv('AWS_USE_FIPS_ENDPOINT', value)
    const ours = await loadConfig(NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS)()
    const { NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS: options } = await import('@smithy/core/config')
    expect(ours).toBe(await loadSdkConfig(options)())
    expect(booleanSelector({ A: value }, 'A')).toBe(
      value === 'true' ? true : value === 'false' ? false : undefined,
    )
  })

  it.each(['eu-west-1', 'not a region', 'a.b'])(
    'accept the regions that the SDK accepts: %s',
    async (region) => {
      const config = () => ({ region, useFipsEndpoint: false, useDualstackEndpoint: false })
      const ours = await resolveRegionConfig(config()).region().catch(String)
      expect(ours).toBe(await resolveSdkRegion(config()).region().catch(String))
    },
  )
})

describe('SHA-256', () => {
  it("equals Node's own, for any input", async () => {
    const bytes = fc.uint8Array({ maxLength: 200 })
    const data = fc.oneof(bytes, fc.string({ unit: 'binary', maxLength: 200 }))
    await fc.assert(
      fc.asyncProperty(fc.option(data, { nil: undefined }), fc.array(data), async (secret, chunks) => {
        const ours = new Sha256(secret)
        ours.update('to be forgotten')
        ours.reset()
        const theirs = secret === undefined ? createHash('sha256') : createHmac('sha256', secret)
        for (const chunk of chunks) {
          ours.update(chunk)
          theirs.update(chunk)
        }
        expect(Buffer.from(await ours.digest()).toString('hex')).toBe(theirs.digest('hex'))
      }),
    )
  })
})

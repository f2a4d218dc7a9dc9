import { fork } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
import { ANY_CHARACTER } from '../support/any-text.ts'
import {
  answer,
  fails,
  has,
  MISBEHAVIOURS,
  type Misbehaviour,
  startMisbehavingDynamoDB,
} from '../support/misbehaving-dynamodb.ts'
import { END_OF_OUTPUT } from './end-of-output.ts'

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
// Three attempts fit into the deadline, even on a busy machine. Every read is sent.
const VARIABLES = {
  DYNAMODB_ATTEMPT_TIMEOUT_MS: '1200',
  DYNAMODB_DEADLINE_MS: '4500',
  APP_CACHE_TTL_SECONDS: '0',
  NEGATIVE_CACHE_TTL_SECONDS: '0',
  PRIME: 'off',
}

/** A function in a process of its own, on a DynamoDB with one behavior after another. */
type Running = {
  /** The response to a behavior of DynamoDB, without values that change with each call. */
  observe(misbehave: Misbehaviour): Promise<Record<string, unknown>>
  close(): Promise<void>
}

async function startFunction(
  name: Name,
  entry: URL | undefined,
  credentials: Readonly<Record<string, string>> = CREDENTIALS,
): Promise<Running> {
  const spec = readStack({}).functions.find((candidate) => candidate.name === name)
  if (!spec || !entry) throw new Error(`The template has no function ${name}.`)
  const event = JSON.parse(
    await readFile(new URL(`../../events/${EVENTS[name]}.json`, import.meta.url), 'utf8'),
  )
  let behave = well
  let signatures: unknown[] = []
  const dynamodb = await startMisbehavingDynamoDB((request, response, _attempt, body) => {
    signatures.push(/SignedHeaders=[^,]+/.exec(String(request.headers.authorization))?.[0])
    // Each attempt has its own connection, as in a process without earlier ones.
    response.shouldKeepAlive = false
    behave(request, response, signatures.length, body)
  })
  // In a child process, because the functions write to the file descriptor of standard output.
  const lambda = fork(new URL('./function-process.ts', import.meta.url), {
    env: {
      ...spec.environment,
      ...VARIABLES,
      ...credentials,
      APP_MANAGER_DYNAMODB_ENDPOINT: dynamodb.endpoint,
      FUNCTION_ENTRY: entry.href,
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  let written = ''
  lambda.stdout?.setEncoding('utf8').on('data', (chunk) => (written += chunk))
  await once(lambda, 'message')
  return {
    async observe(misbehave) {
      behave = misbehave
      signatures = []
      written = ''
      lambda.send(event)
      const [message] = await once(lambda, 'message')
      const { statusCode, headers, body }: APIGatewayProxyStructuredResultV2 = message.answer
      await expect.poll(() => written).toContain(END_OF_OUTPUT)
      const logged: Record<string, unknown>[] = written
        .replace(END_OF_OUTPUT, '')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
      return {
        statusCode,
        body,
        headers: Object.keys(headers ?? {}),
        attempts: signatures.length,
        signatures,
        errors: logged.flatMap(({ level, code, storeError, systemError, httpStatusCode, attempts }) =>
          level === 'ERROR' ? [{ code, storeError, systemError, httpStatusCode, attempts }] : [],
        ),
        metrics: logged.flatMap((line) => (line._aws ? Object.keys(line) : [])),
      }
    },
    async close() {
      lambda.kill()
      await dynamodb.close()
    },
  }
}

/** The same function with the whole SDK and as it ships. */
async function startBoth(name: Name, credentials?: Readonly<Record<string, string>>) {
  const source = readStack({}).functions.find((spec) => spec.name === name)?.entry
  const both = await Promise.all(
    [source, bundled.get(name)].map((entry) => startFunction(name, entry, credentials)),
  )
  return {
    observe: (way: keyof typeof WAYS) =>
      Promise.all(both.map(({ observe }) => observe(WAYS[way] as Misbehaviour))),
    close: () => Promise.all(both.map(({ close }) => close())),
  }
}

describe('the client that ships does what the whole SDK does', () => {
  let byId: Awaited<ReturnType<typeof startBoth>>
  beforeAll(async () => {
    byId = await startBoth('FindAppById')
  })
  afterAll(() => byId.close())

  it.each(Object.keys(WAYS))('when DynamoDB %s', async (way) => {
    const [source, shipped] = await byId.observe(way)
    // Metrics wait for a second after those of the behavior before.
    expect(shipped).toEqual({ ...source, metrics: expect.any(Array) })
    expect(source?.attempts).toBeGreaterThan(0)
  })

  it.each(['FindAppByKey', 'LookupApps'] as const)('in %s, throttled once', async (name) => {
    const both = await startBoth(name)
    const [source, shipped] = await both.observe('throttles once')
    await both.close()
    expect(shipped).toEqual(source)
    expect(source).toMatchObject({ statusCode: 200, attempts: 2 })
  })

  it('without credentials', async () => {
    // Without the credentials of the machine and the metadata of an instance.
    const none = { AWS_EC2_METADATA_DISABLED: 'true', HOME: directory }
    const both = await startBoth('FindAppById', none)
    const [source, shipped] = await both.observe('is well')
    await both.close()
    expect(shipped).toEqual(source)
    expect(source).toMatchObject({ statusCode: 503, attempts: 0 })
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
    const data = fc.oneof(bytes, fc.string({ unit: ANY_CHARACTER, maxLength: 200 }))
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

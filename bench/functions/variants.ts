import { readFileSync } from 'node:fs'
import { type Bundle, bundle, bundleFunctions } from '../../dev/bundle.ts'
import { type BuildProperties, readStack } from '../../dev/stack.ts'
import { hashToken } from '../../functions/access/consumers.ts'
import { PEERS } from './peers.ts'

/** What is measured: cold starts, lookups from DynamoDB, and lookups from the function's cache. */
export type Way = 'cold' | 'miss' | 'hit'

/** One of the handlers that are measured side by side. */
export type Variant = {
  readonly name: string
  readonly bundle: Bundle
  readonly event: Event
  readonly environment: Readonly<Record<string, string>>
  readonly ways: readonly Way[]
  /** The number of apps in one event. */
  readonly apps: number
  /** The value of another event, with a number in place of `#`, so that it is in no cache. */
  readonly varied: readonly [string, string]
}

type Event = Readonly<Record<string, unknown>>
type Options = Omit<BuildProperties, 'EntryPoints'>
type Description = Partial<Omit<Variant, 'name' | 'bundle'>>

// As the functions are built, without their aliases.
const [PLAIN = {}] = readStack({}).functions.map(({ buildProperties: { Alias: _, ...plain } }) => plain)
// aws-sdk v2 requires Node's modules, which an ESM bundle can't.
const COMMON_JS = { Format: 'cjs', Target: 'node24', Minify: true, OutExtension: ['.js=.cjs'] }
// What `sam init` writes for TypeScript, and Lambda Builders' default format.
// https://github.com/aws/aws-sam-cli-app-templates/blob/master/nodejs22.x/hello-ts
const SAM_INIT = { ...COMMON_JS, Target: 'es2020', Sourcemap: true }

/** The function that answers polls of the change feed. */
export const POLL = 'poll of the change feed'

const OWN = new URL('variants/', import.meta.url)
const CURSOR = String(event('changes-since').rawQueryString).replace('since=', '')
const TOKEN = String(event('authorize-allowed').identitySource).replace('Bearer ', '')

/** The functions to compare with: name, source and build. */
const COMPARED: readonly (readonly [string, URL, string, Options, Description?])[] = [
  ['empty handler', OWN, 'empty.ts', PLAIN, { ways: ['cold'] }],
  ['plain SDK and middy', OWN, 'plain-sdk.ts', PLAIN],
  ["SDK's GetItem alone", OWN, 'bare-sdk.ts', PLAIN, { ways: ['miss'] }],
  [
    'the same as sam init builds it',
    OWN,
    'plain-sdk.ts',
    SAM_INIT,
    { ways: ['cold'], environment: { NODE_OPTIONS: '--enable-source-maps' } },
  ],
  [
    'aws-sdk v2',
    PEERS,
    'aws-sdk-v2.mjs',
    COMMON_JS,
    { environment: { AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1' } },
  ],
  ['aws-lite', PEERS, 'aws-lite.mjs', COMMON_JS],
]

/** The functions of the template: name in the report, name in the template. */
const OURS: readonly (readonly [string, string, Description])[] = [
  ['find by id', 'FindAppById', { ways: ['cold', 'miss', 'hit'] }],
  ['find by id, not primed', 'FindAppById', { ways: ['cold'], environment: { PRIME: 'off' } }],
  ['find by key', 'FindAppByKey', { ways: ['cold', 'miss', 'hit'], event: event('find-by-key') }],
  ['lookup', 'LookupApps', { ways: ['cold', 'miss', 'hit'], event: event('lookup-by-id') }],
  ['consistent batch of 100', 'LookupApps', { ways: ['miss'], event: batchOf(100), apps: 100 }],
  [
    POLL,
    'FindChanges',
    {
      ways: ['cold', 'miss', 'hit'],
      event: event('changes-since'),
      environment: { CHANGE_LOG_TABLE: 'changes' },
      varied: [CURSOR, CURSOR.replace(/\d+$/, '#')],
    },
  ],
  [
    'authorizer',
    'Authorize',
    {
      ways: ['cold'],
      event: event('authorize-allowed'),
      environment: { CONSUMERS: `bench:full:${hashToken(TOKEN)}` },
    },
  ],
]

/** Bundles every variant into `directory`. */
export async function buildVariants(directory: string): Promise<readonly Variant[]> {
  const compared = COMPARED.map(async ([name, folder, entry, options, description]) => {
    const buildProperties = { ...options, EntryPoints: [entry] } as BuildProperties
    const spec = { name: name.replace(/\W+/g, '-'), folder, buildProperties }
    return variant(name, await bundle(spec, directory), description)
  })
  return [...(await Promise.all(compared)), ...(await buildFunctions(directory))]
}

/** Bundles the template's functions into `directory`. */
export async function buildFunctions(directory: string): Promise<readonly Variant[]> {
  const functions = await bundleFunctions(directory)
  return OURS.map(([name, functionName, description]) => {
    const bundled = functions.find(({ name }) => name === functionName)
    if (!bundled) throw new Error(`template.yaml has no function ${functionName}.`)
    return variant(name, bundled, description)
  })
}

function variant(name: string, bundle: Bundle, description: Description = {}): Variant {
  return {
    name,
    bundle,
    event: event('find-by-id'),
    environment: {},
    ways: ['cold', 'miss'],
    apps: 1,
    varied: ['demo', 'app-#'],
    ...description,
  }
}

function event(file: string): Event {
  return JSON.parse(readFileSync(new URL(`../../events/${file}.json`, import.meta.url), 'utf8'))
}

function batchOf(size: number): Event {
  const apps = Array.from({ length: size }, (_, index) => ({ id: `app-${index}` }))
  return { ...event('lookup-consistent'), body: JSON.stringify({ apps, consistent: true }) }
}

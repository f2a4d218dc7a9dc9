import { readFileSync } from 'node:fs'
import { type Bundle, type BundleSpec, bundle, bundleFunctions } from '../../dev/bundle.ts'
import { type BuildProperties, readStack } from '../../dev/stack.ts'
import { hashToken } from '../../functions/consumers.ts'
import { PEERS } from './peers.ts'

/** One of the things that are measured side by side. */
export type Variant = Bundle & {
  /** What the tables call it. */
  readonly title: string
  readonly event: Readonly<Record<string, unknown>>
  readonly environment: Readonly<Record<string, string>>
  /** Whether it answers a second lookup of the same app without a request. */
  readonly caches: boolean
  /** Whether its cold start is measured, and its warm lookups. */
  readonly cold: boolean
  readonly warm: boolean
}

type Description = Omit<Variant, keyof Bundle>

type BuildOptions = Readonly<Record<string, boolean | string | readonly string[]>>

const VARIANTS = new URL('variants/', import.meta.url)

const event = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../events/${file}.json`, import.meta.url), 'utf8'))

const byId: Description = {
  title: '',
  event: event('find-by-id'),
  environment: {},
  caches: false,
  cold: true,
  warm: true,
}

// As the functions are built, without their aliases.
const [PLAIN = {}] = readStack({}).functions.map(({ buildProperties: { Alias: _, ...plain } }) => plain)

// aws-sdk v2 requires Node's modules, which an ESM bundle can't.
const COMMON_JS = { Format: 'cjs', Target: 'node24', Minify: true, OutExtension: ['.js=.cjs'] }

// What `sam init` writes for TypeScript, and Lambda Builders' default format.
// https://github.com/aws/aws-sam-cli-app-templates/blob/master/nodejs22.x/hello-ts
const SAM_INIT = { ...COMMON_JS, Target: 'es2020', Sourcemap: true }

const others: readonly [BundleSpec, Description][] = [
  spec('empty', VARIANTS, 'empty.ts', PLAIN, { title: 'empty handler', warm: false }),
  spec('plain-sdk', VARIANTS, 'plain-sdk.ts', PLAIN, { title: 'plain SDK bundle + middy' }),
  spec('bare-sdk', VARIANTS, 'bare-sdk.ts', PLAIN, { title: "the SDK's GetItem alone", cold: false }),
  spec('sam-init', VARIANTS, 'plain-sdk.ts', SAM_INIT, {
    title: 'the same as sam init builds it',
    environment: { NODE_OPTIONS: '--enable-source-maps' },
    warm: false,
  }),
  spec('aws-sdk-v2', PEERS, 'aws-sdk-v2.mjs', COMMON_JS, {
    title: 'aws-sdk v2',
    environment: { AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1' },
  }),
  spec('aws-lite', PEERS, 'aws-lite.mjs', COMMON_JS, { title: 'aws-lite' }),
  spec('raw-https', VARIANTS, 'raw-https.ts', PLAIN, { title: 'raw signed HTTPS (the bound)' }),
]

function spec(
  name: string,
  folder: URL,
  entry: string,
  properties: BuildOptions,
  description: Partial<Description>,
): [BundleSpec, Description] {
  const buildProperties = { ...properties, EntryPoints: [entry] } as BuildProperties
  return [
    { name, folder, buildProperties },
    { ...byId, ...description },
  ]
}

// The token of events/authorize-allowed.json.
const [AUTHORIZATION = ''] = event('authorize-allowed').identitySource as string[]
const TOKEN = AUTHORIZATION.replace('Bearer ', '')
const unprimed = { environment: { PRIME: 'off' }, warm: false }

const ours: Readonly<Record<string, readonly (Partial<Description> & { readonly name: string })[]>> = {
  FindAppById: [
    { name: 'by-id', title: 'find by id', caches: true },
    { name: 'by-id-unprimed', title: 'find by id, not primed', ...unprimed },
  ],
  FindAppByKey: [
    { name: 'by-key', title: 'find by key', event: event('find-by-key'), caches: true },
    {
      name: 'by-key-unprimed',
      title: 'find by key, not primed',
      event: event('find-by-key'),
      ...unprimed,
    },
  ],
  LookupApps: [
    { name: 'lookup', title: 'lookup (POST)', event: event('lookup-by-id'), caches: true },
    {
      name: 'lookup-unprimed',
      title: 'lookup, not primed',
      event: event('lookup-by-id'),
      ...unprimed,
    },
  ],
  Authorize: [
    {
      name: 'authorizer',
      title: 'authorizer',
      warm: false,
      event: event('authorize-allowed'),
      environment: { CONSUMERS: `bench:full:${hashToken(TOKEN)}` },
    },
  ],
}

/** Bundles every variant into `directory`. */
export async function buildVariants(directory: string): Promise<readonly Variant[]> {
  const built = others.map(async ([spec, description]) => ({
    ...(await bundle(spec, directory)),
    ...description,
  }))
  const functions = (await bundleFunctions(directory)).flatMap((bundled) =>
    (ours[bundled.name] ?? []).map((description) => ({ ...byId, ...bundled, ...description }) as Variant),
  )
  return [...(await Promise.all(built)), ...functions]
}

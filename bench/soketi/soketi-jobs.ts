import { httpDriver } from '../../harness/local-endpoint.ts'
import { type Misbehaviour, startRegion } from '../../harness/misbehaving-region.ts'
import { startChild } from '../child-process.ts'
import { ANY_UNKNOWN, arrayDriver, dynamodbDriver, SOKETI_CACHE } from '../drivers.ts'
import { startStackChild } from '../local-stack-child.ts'
import type { Job } from '../rounds.ts'
import { type Counts, WARM_APP } from './bench-apps.ts'
import { measureOutage, type OutageMeasure } from './outage.ts'
import { measureSpeed, type Speed, type SpeedMeasure } from './speed.ts'
import { measureUnknownKey, type UnknownKeyMeasure } from './unknown-key.ts'

export type Measure = SpeedMeasure | OutageMeasure | UnknownKeyMeasure

/** The names of the variants. */
export const VARIANTS = {
  array: 'array driver',
  warm: 'adapter, warm',
  coldStub: 'adapter, cold, on a stub endpoint',
  cold: 'adapter, cold, on the local endpoint',
  refuses: 'adapter in an outage: connections refused',
  hangs: 'adapter in an outage: no responses',
  dynamodb: "soketi's DynamoDB driver",
  dynamodbCache: "soketi's DynamoDB driver with soketi's cache",
  dynamodbOutage: "soketi's DynamoDB driver, connections refused",
  adapterUnknown: 'adapter',
} as const

export type Jobs = { readonly jobs: readonly Job<Measure>[]; stop(): Promise<void> }

/** Starts what the jobs need, with the DynamoDB Local of this endpoint. */
export async function startJobs(dynamodb: string, counts: Counts): Promise<Jobs> {
  const stub = await startChild<string>(
    'the stub endpoint',
    new URL('stub-endpoint-process.ts', import.meta.url),
  )
  const stack = await startStackChild(dynamodb)
  const lookups = async () => (await stack.requests()).lookups
  // Only to count lookups, because it takes time.
  const counting = await startRegion(dynamodb)
  const speed = (name: string, options: Speed) => job(name, (round) => measureSpeed(options, round, counts))
  const outage = (name: string, how: Misbehaviour) => job(name, () => measureOutage(stack.url, how, counts))
  const jobs = [
    speed(VARIANTS.array, { env: arrayDriver(WARM_APP), isCold: false }),
    speed(VARIANTS.warm, { env: httpDriver(stack.url), isCold: false, requests: lookups }),
    speed(VARIANTS.coldStub, {
      env: httpDriver(stub.started, ANY_UNKNOWN),
      isCold: true,
      requests: () => stub.ask(),
    }),
    speed(VARIANTS.cold, { env: httpDriver(stack.url, ANY_UNKNOWN), isCold: true, requests: lookups }),
    outage(VARIANTS.refuses, 'refuses connections'),
    outage(VARIANTS.hangs, 'does not answer'),
    speed(VARIANTS.dynamodb, { env: dynamodbDriver(dynamodb), isCold: true }),
    speed(VARIANTS.dynamodbCache, { env: dynamodbDriver(dynamodb, SOKETI_CACHE), isCold: false }),
    job(VARIANTS.dynamodb, () =>
      measureUnknownKey(dynamodbDriver(counting.url), () => counting.requests.length),
    ),
    job(VARIANTS.adapterUnknown, () => measureUnknownKey(httpDriver(stack.url), lookups)),
  ]
  return {
    jobs,
    async stop() {
      stub.stop()
      stack.stop()
      await counting.close()
    },
  }
}

function job(name: string, run: (round: number) => Promise<Partial<Record<Measure, number>>>): Job<Measure> {
  return { name, run: async (round) => ({ [name]: await run(round) }) }
}

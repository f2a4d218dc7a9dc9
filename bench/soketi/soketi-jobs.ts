import { httpDriver } from '../../harness/local-endpoint.ts'
import { type Misbehaviour, startRegion } from '../../harness/misbehaving-region.ts'
import { ANY_UNKNOWN, arrayDriver, dynamodbDriver, SOKETI_CACHE } from '../drivers.ts'
import { startStackChild } from '../local-stack-child.ts'
import type { Job } from '../rounds.ts'
import { type Counts, WARM_APP } from './bench-apps.ts'
import { readAhead, startStubEndpoint } from './endpoints.ts'
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
  coldHeld: 'adapter, cold, on the local endpoint that holds the app',
  refuses: 'adapter in an outage: connections refused',
  hangs: 'adapter in an outage: no responses',
  dynamodb: "soketi's DynamoDB driver",
  dynamodbCache: "soketi's DynamoDB driver with soketi's cache",
  dynamodbOutage: "soketi's DynamoDB driver, connections refused",
  adapterUnknown: 'adapter',
} as const

export type Jobs = { readonly jobs: readonly Job<Measure>[]; stop(): Promise<void> }

/**
 * Starts what the jobs need, and returns those that can run on this machine.
 *
 * @param dynamodb the endpoint of a DynamoDB Local, if it runs here
 */
export async function startJobs(dynamodb: string | undefined, counts: Counts): Promise<Jobs> {
  const stub = await startStubEndpoint()
  if (!dynamodb) return { jobs: jobsOn(stub.url), stop: async () => stub.stop() }

  const stack = await startStackChild(dynamodb)
  const lookups = async () => (await stack.requests()).lookups
  // Only to count lookups, because it takes time.
  const counting = await startRegion(dynamodb)
  const jobs = [
    ...jobsOn(stack.url, lookups),
    speed(VARIANTS.dynamodb, { env: dynamodbDriver(dynamodb), isCold: true }),
    speed(VARIANTS.dynamodbCache, { env: dynamodbDriver(dynamodb, SOKETI_CACHE), isCold: false }),
    speed(VARIANTS.cold, {
      env: httpDriver(stack.url, ANY_UNKNOWN),
      isCold: true,
      requests: lookups,
    }),
    speed(VARIANTS.coldHeld, {
      env: httpDriver(stack.url, ANY_UNKNOWN),
      isCold: true,
      prepare: (use, ids) => readAhead(stack.url, use, ids),
    }),
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

  function jobsOn(url: string, requests?: () => Promise<number>): Job<Measure>[] {
    const outage = (name: string, how: Misbehaviour) => job(name, () => measureOutage(url, how, counts))
    return [
      speed(VARIANTS.array, { env: arrayDriver(WARM_APP), isCold: false }),
      speed(VARIANTS.warm, { env: httpDriver(url), isCold: false, ...(requests && { requests }) }),
      speed(VARIANTS.coldStub, {
        env: httpDriver(stub.url, ANY_UNKNOWN),
        isCold: true,
        requests: stub.requests,
      }),
      outage(VARIANTS.refuses, 'refuses connections'),
      outage(VARIANTS.hangs, 'does not answer'),
    ]
  }

  function speed(name: string, options: Speed): Job<Measure> {
    return job(name, (round) => measureSpeed(options, round, counts))
  }
}

function job(name: string, run: (round: number) => Promise<Partial<Record<Measure, number>>>): Job<Measure> {
  return { name, run: async (round) => ({ [name]: await run(round) }) }
}

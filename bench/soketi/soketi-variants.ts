import { httpDriver } from '../../harness/local-endpoint.ts'
import { startRegion } from '../../harness/misbehaving-region.ts'
import type { Counts } from './bench-apps.ts'
import { ANY_UNKNOWN, ARRAY_DRIVER, dynamodbDriver, SOKETI_CACHE } from './drivers.ts'
import type { DynamoDBLocal } from './dynamodb-local.ts'
import { type BenchEndpoint, readAhead, startBenchEndpoint } from './endpoint-over.ts'
import { measureOutage } from './outage.ts'
import type { Measured } from './sample.ts'
import { measureSpeed, type Speed } from './speed.ts'
import { measureUnknownKey } from './unknown-key.ts'

/** What is measured side by side. */
export type Variant = {
  readonly name: string
  readonly title: string
  /** Measures it once, with a soketi started for that. */
  run(round: number): Promise<Measured>
}

export type Variants = { readonly variants: readonly Variant[]; stop(): Promise<void> }

/** Starts what the variants ask, and returns those that this machine can run. */
export async function startVariants(dynamodb: DynamoDBLocal | undefined, counts: Counts): Promise<Variants> {
  const stub = await startBenchEndpoint()
  const stack = dynamodb && (await startBenchEndpoint(dynamodb))
  // Only where lookups are counted: it would take time of its own.
  const counting = dynamodb && (await startRegion(dynamodb.endpoint))
  const endpoint = stack ?? stub

  const speed = (name: string, title: string, options: Speed): Variant => ({
    name,
    title,
    run: (round) => measureSpeed(options, round, counts),
  })
  const cold = (from: BenchEndpoint): Speed => ({
    env: httpDriver(from.url, ANY_UNKNOWN),
    isCold: true,
    endpoint: from,
  })

  const everywhere: Variant[] = [
    speed('array', 'array driver', { env: ARRAY_DRIVER, isCold: false }),
    speed('warm', 'adapter, warm', { env: httpDriver(endpoint.url), isCold: false, endpoint }),
    speed('cold-stub', 'adapter, cold, on a stub endpoint', cold(stub)),
    {
      name: 'refused',
      title: 'adapter in an outage: connections refused',
      run: () => measureOutage(endpoint, 'refuses connections', counts),
    },
    {
      name: 'hanging',
      title: 'adapter in an outage: no answers',
      run: () => measureOutage(endpoint, 'does not answer', counts),
    },
  ]
  const onDynamoDB: Variant[] =
    dynamodb && stack && counting
      ? [
          speed('dynamodb', "soketi's DynamoDB driver", {
            env: dynamodbDriver(dynamodb.endpoint),
            isCold: true,
          }),
          speed('dynamodb-cache', "soketi's DynamoDB driver with soketi's cache", {
            env: dynamodbDriver(dynamodb.endpoint, SOKETI_CACHE),
            isCold: false,
          }),
          speed('cold', 'adapter, cold, on the local endpoint', cold(stack)),
          speed('cold-held', 'adapter, cold, on the local endpoint that holds the app', {
            env: httpDriver(stack.url, ANY_UNKNOWN),
            isCold: true,
            prepare: (use, ids) => readAhead(stack, use, ids),
          }),
          {
            name: 'dynamodb-unknown',
            title: "soketi's DynamoDB driver",
            run: () =>
              measureUnknownKey({
                env: dynamodbDriver(counting.url),
                lookups: () => counting.requests.length,
              }),
          },
          {
            name: 'adapter-unknown',
            title: 'adapter',
            run: () => measureUnknownKey({ env: httpDriver(stack.url), lookups: stack.requests }),
          },
        ]
      : []

  return {
    variants: [...everywhere, ...onDynamoDB],
    async stop() {
      stub.stop()
      stack?.stop()
      await counting?.close()
    },
  }
}

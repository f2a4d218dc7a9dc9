import { quantile } from 'simple-statistics'
import { httpDriver } from '../../harness/local-endpoint.ts'
import { startRegion } from '../../harness/misbehaving-region.ts'
import type { Soketi } from '../../harness/soketi-process.ts'
import { sendAtRate } from '../at-rate.ts'
import { arrayDriver, dynamodbDriver } from '../drivers.ts'
import { say } from '../progress.ts'
import { measureRounds, valuesOf } from '../rounds.ts'
import { timeHandshakes, timePublishes } from '../timing.ts'
import { type Kind, measureChanges } from './changes.ts'
import { type Recorder, VARIANTS } from './feed-report.ts'
import type { FeedStack } from './feed-stack.ts'
import { countRequests, followAll, measureIdleCpu, publishAtRate, startNode } from './following-node.ts'
import type { Size } from './size.ts'

const LOOKUPS_PER_SECOND = 50

export type Nodes = {
  readonly stack: FeedStack
  /** The same with another DynamoDB, in which nothing changes. */
  readonly quiet: FeedStack
  readonly ids: readonly string[]
  /** The apps to change, by kind of change. */
  readonly changes: Readonly<Record<Kind, readonly string[]>>
  /** How long requests are counted, in seconds. */
  readonly seconds: number
  readonly size: Size
}

/** Measures a soketi that follows the feed: its processor time, its requests, and the time of changes. */
export async function measureNodes(nodes: Nodes, record: Recorder): Promise<void> {
  const node = await startNode(httpDriver(nodes.stack.url))
  say(`Looking ${nodes.ids.length} apps up …`)
  await followAll(node, nodes.ids)
  await measureSpeed(node, nodes, record)
  await measureRequests(node, nodes, record)
  await measureKinds(node, nodes, record)
  await node.kill()
  await measureDynamoDBDriver(nodes, record)
}

/** Compares it with a node with the array driver: processor time while idle, then handshakes and publishes. */
async function measureSpeed(node: Soketi, { ids: [id = ''], size }: Nodes, record: Recorder): Promise<void> {
  const array = await startNode(arrayDriver(id))
  say('Measuring idle nodes …')
  const [following = [], inMemory = []] = await measureIdleCpu([node, array], size.idleSeconds)
  record(VARIANTS.node, { 'idle, % of a core': following })
  record(VARIANTS.array, { 'idle, % of a core': inMemory })

  const untimed = size.timed / 10
  const ofWarmApp = Array.from({ length: untimed + size.timed }, () => id)
  const p50 = (times: readonly number[]) => quantile(times.slice(untimed), 0.5)
  const job = (name: string, { port }: Soketi) => ({
    name,
    run: async () => ({
      [name]: {
        'handshake p50 ms': p50(await timeHandshakes(port, ofWarmApp)),
        'publish p50 ms': p50(await timePublishes(port, ofWarmApp)),
      },
    }),
  })
  const samples = await measureRounds([job(VARIANTS.node, node), job(VARIANTS.array, array)], size.rounds)
  for (const variant of [VARIANTS.node, VARIANTS.array])
    for (const measure of ['handshake p50 ms', 'publish p50 ms'] as const)
      record(variant, { [measure]: valuesOf(samples, variant, measure) })
  await array.kill()
}

/** Counts the requests of a node with changes and, at the same time, of one without. */
async function measureRequests(node: Soketi, nodes: Nodes, record: Recorder): Promise<void> {
  const { stack, quiet, ids, seconds } = nodes
  const quietNode = await startNode(httpDriver(quiet.url))
  await followAll(quietNode, ids)
  say(`Counting requests for ${seconds} s …`)
  const publishTo = (soketi: Soketi) => publishAtRate(soketi, ids, LOOKUPS_PER_SECOND, seconds)
  const change = (_: number, number: number) =>
    stack.apps(['update', ids[number % ids.length] ?? '', '--max-connections', String(1000 + number)])
  const [withChanges, without] = await Promise.all([
    countRequests(stack.requests, seconds, () =>
      Promise.all([publishTo(node), sendAtRate(1, seconds, change)]),
    ),
    countRequests(quiet.requests, seconds, () => publishTo(quietNode)),
  ])
  record(VARIANTS.changing, withChanges)
  record(VARIANTS.quiet, without)
  await quietNode.kill()
}

/** Measures how long changes take until open sockets show them, at the default poll interval and at 1 s. */
async function measureKinds(node: Soketi, { stack, ids, changes }: Nodes, record: Recorder): Promise<void> {
  const fast = await startNode(
    httpDriver(stack.url, { SOKETI_APP_MANAGER_HTTP_FEED_POLL_INTERVAL_MS: '1000' }),
  )
  // Enough apps that a few deletions are no mass deletion.
  await followAll(fast, ids)
  for (const [kind, changed] of Object.entries(changes) as [Kind, readonly string[]][]) {
    say(`Changing apps: ${kind} …`)
    await Promise.all([node, fast].map((soketi) => followAll(soketi, changed)))
    const ports = [node.port, fast.port]
    const [byDefault = [], everySecond = []] = await measureChanges(kind, changed, ports, stack.apps)
    record(VARIANTS.node, { [`${kind} s`]: byDefault })
    record(VARIANTS.fast, { [`${kind} s`]: everySecond })
  }
  await fast.kill()
}

/** Counts the reads per second of soketi's own driver for the same publishes. */
async function measureDynamoDBDriver({ stack, ids, size }: Nodes, record: Recorder): Promise<void> {
  say("Counting the reads of soketi's DynamoDB driver …")
  const counting = await startRegion(stack.dynamodb)
  const soketi = await startNode(dynamodbDriver(counting.url))
  await publishAtRate(soketi, ids, LOOKUPS_PER_SECOND, size.driverSeconds)
  record(VARIANTS.dynamodb, { 'reads a second': counting.requests.length / size.driverSeconds })
  await soketi.kill()
  await counting.close()
}

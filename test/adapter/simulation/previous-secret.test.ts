import { describe, expect, it, onTestFinished } from 'vitest'
import type { Reading } from '../../../adapter/lookup/cache/record.ts'
import { createAppLookup } from '../../../adapter/lookup/index.ts'
import type { App } from '../../../functions/apps/app.ts'
import { createRandom } from '../../support/random.ts'
import { MINUTE, SECOND, startVirtualGlobals, VirtualTime } from '../../support/virtual-time.ts'
import { appOf } from '../world/node.ts'
import { json, Region } from '../world/region.ts'
import { RequestHistory } from '../world/request-history.ts'

const HOUR = 60 * MINUTE
/** The secret is over a minute after it was replaced. */
const GRACE_MS = MINUTE
/** When a fault begins, after the secret was replaced. */
const FAULT_MS = 20 * SECOND

/** What tries to keep the secret alive, from FAULT_MS on. */
const FAULTS: Readonly<Record<string, (regions: readonly Region[], app: App) => void>> = {
  'no fault': () => {},
  'an outage of every region': (regions) => {
    for (const { gateway } of regions) gateway.isDown = true
  },
  'a fail-over to a region that never hears of the end': ([near, far], app) => {
    if (near) near.gateway.isDown = true
    if (far) replay(far, app)
  },
  'a proxy that repeats a response': ([near], app) => {
    if (near) replay(near, app)
  },
}

/** Every read gets the app as it was, in a response of now or of then. */
function replay(region: Region, app: App): void {
  const etag = '"replayed"'
  const date = new Date(Date.now()).toUTCString()
  region.replies.lookup = () => json(200, { app }, { etag, age: '0', date })
  region.replies.batch = () =>
    json(200, { results: [{ status: 200, app, etag, age: 0, consistent: true }] }, { date })
}

/** When the process of the node ends and starts again, after the secret was replaced. */
const RESTARTS = {
  'no restart': Infinity,
  'a restart before the end': 40 * SECOND,
  'one after it': 70 * SECOND,
}

/** How wrong the system time is from FAULT_MS on, in ms. */
const CLOCKS = { 'right clocks': 0, 'a clock that was set back': -HOUR }

/** Runs a node, and resolves to the instants after the replacement at which it accepted the old secret, in ms. */
async function runNode(fault: string, restartMs: number, errorMs: number, feedPollIntervalMs: number) {
  const time = new VirtualTime()
  const random = createRandom(`${fault} ${restartMs} ${errorMs} ${feedPollIntervalMs}`)
  onTestFinished(startVirtualGlobals(time, random.fork('globals').next))
  const regions = ['eu-west-1', 'us-east-1'].map((name) => new Region(name, time, random, false))
  const write = (app: App) => {
    for (const region of regions) region.write(app.id, app)
  }
  write(appOf('app'))
  await time.run(5 * SECOND)

  let saved: Reading[] = []
  let wallErrorMs = 0
  const start = () => {
    // A steady clock begins at the system time at which the process starts.
    const startErrorMs = wallErrorMs
    const endpoints = [...regions]
    return createAppLookup({
      url: regions.map(({ stack }) => `https://${stack.region}.example`),
      token: 'made-up-token',
      feedPollIntervalMs,
      snapshotFile: 'in memory',
      clock: () => time.now + 2 * 24 * HOUR + startErrorMs,
      ports: {
        timers: time,
        wallClock: () => Date.now() + wallErrorMs,
        random: random.next,
        createEndpoint: () =>
          (endpoints.shift() as Region).gateway.createEndpoint(new RequestHistory('eu-west-1')),
        createSnapshot: () => ({
          load: (_, now) => saved.map((reading) => fromFile(reading, now)),
          save: async (_, readings) => {
            saved = [...readings]
          },
        }),
      },
    })
  }
  let lookup = start()
  void lookup.findById('app')
  lookup.setLive('app', true)
  await time.run(10 * SECOND)

  const replacedAt = time.now
  const previousSecretUntil = Math.floor((Date.now() + GRACE_MS) / 1_000)
  const app: App = { ...appOf('app'), secret: 'new', previousSecret: 'old', previousSecretUntil }
  write(app)
  await time.run(SECOND)
  await time.wait(lookup.reread('app'))
  const accepted: number[] = []
  while (time.now < replacedAt + 5 * MINUTE) {
    const before = time.now - replacedAt
    await time.run(SECOND)
    const at = time.now - replacedAt
    const passed = (ms: number) => before < ms && ms <= at
    if (passed(FAULT_MS)) {
      FAULTS[fault]?.(regions, app)
      wallErrorMs = errorMs
    }
    if (passed(restartMs)) {
      await time.wait(lookup.close())
      lookup = start()
    }
    void lookup.findById('app').catch(() => {})
    void lookup.reread('app').catch(() => {})
    if (lookup.previousSecret('app') === 'old') accepted.push(at)
  }
  await time.wait(lookup.close())
  return accepted
}

/** As the snapshot's file keeps it. */
function fromFile({ graceMs, ...rest }: Reading, now: number): Reading {
  const isFuture = rest.readAt > now
  return { ...rest, readAt: Math.min(rest.readAt, now), graceMs: isFuture ? undefined : graceMs }
}

const CASES = Object.keys(FAULTS).flatMap((fault) =>
  Object.entries(RESTARTS).flatMap(([restart, restartMs]) =>
    Object.entries(CLOCKS).flatMap(([clock, errorMs]) =>
      [1_000, 0].map((pollMs) => ({ fault, restart, restartMs, clock, errorMs, pollMs })),
    ),
  ),
)

describe('an old secret is refused once it is over', () => {
  it.each(CASES)('in $fault, with $restart and $clock, polling every $pollMs ms', async (each) => {
    const accepted = await runNode(each.fault, each.restartMs, each.errorMs, each.pollMs)
    expect(accepted.filter((at) => at < FAULT_MS).length).toBeGreaterThan(10)
    // The header Date has no fractions of a second.
    expect(Math.max(...accepted)).toBeLessThan(GRACE_MS + SECOND)
  })
})

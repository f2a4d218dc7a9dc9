import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { MINUTE } from '../support/virtual-time.ts'
import { startFollowingNode } from './world/node.ts'
import { json } from './world/region.ts'

setFlagsFromString('--expose-gc')
const gc: () => void = runInNewContext('gc')

const LONG = 'x'.repeat(500_000)

it.each([
  ['ids', (n: number) => ({ id: `${n}${LONG}` })],
  ['hashes', (n: number) => ({ id: 'app-0', keys: [`${n}${LONG}`] })],
])('hints with %s that are too long use limited memory', async (_, hintOf) => {
  const { near, time, lookup } = await startFollowingNode()
  let polls = 0
  near.replies.poll = () => {
    polls += 1
    return json(200, { changes: [hintOf(polls)], cursor: String(polls), more: true, heartbeatAge: 0, age: 0 })
  }
  gc()
  const before = process.memoryUsage().heapUsed
  await time.run(2 * MINUTE)
  gc()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(40_000_000)
  expect(polls).toBeGreaterThan(20)
  expect(lookup.stats().knownApps).toBe(3)
})

import { expect, it, onTestFinished } from 'vitest'
import { createAppLookup } from '../../adapter/lookup/index.ts'
import { MINUTE, SECOND, VirtualTime } from '../support/virtual-time.ts'
import { appWith } from './endpoint-double.ts'

it('a lookup in flight while the process is stopped reads again, and finds what has changed meanwhile', async () => {
  const time = new VirtualTime()
  let pausedMs = 0
  let app = appWith()
  let isStopped = false
  const exchange = (_: unknown, __: string, deadlineMs: number) =>
    new Promise<{ fault: string } | { status: number; headers: object; body: string }>((resolve) => {
      if (isStopped) time.after(deadlineMs, () => resolve({ fault: 'deadline' }))
      else
        time.after(20, () => resolve({ status: 200, headers: { age: '0' }, body: JSON.stringify({ app }) }))
    })
  const lookup = createAppLookup({
    url: 'https://lookup.example.com',
    token: 'made-up-token',
    feedPollIntervalMs: 0,
    clock: () => time.now + pausedMs,
    ports: { timers: time, createEndpoint: ({ origin }) => ({ origin, exchange, close: () => {} }) },
  })
  onTestFinished(() => lookup.close())
  expect(await time.wait(lookup.findById('app-1'))).toMatchObject({ enabled: true })

  pausedMs += 31 * SECOND
  isStopped = true
  const found = lookup.findById('app-1')
  await time.run(100)
  // The process continues after ten minutes: its timers run late, and its connections are gone.
  pausedMs += 10 * MINUTE
  isStopped = false
  app = appWith({ enabled: false })
  expect(await time.wait(found)).toMatchObject({ enabled: false })
  expect(await time.wait(lookup.findById('app-1'))).toMatchObject({ enabled: false })
})

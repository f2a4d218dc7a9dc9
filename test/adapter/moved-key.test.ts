import { expect, it, onTestFinished } from 'vitest'
import { createAppLookup } from '../../adapter/lookup/index.ts'
import { appWith, type Fields } from './endpoint-double.ts'

/** A lookup on an endpoint whose responses by key can be held back. The index of keys has no entry at all. */
function lookupBehindIndex() {
  const apps = new Map<string, Fields>()
  let aheadMs = 0
  let isHeld: Promise<void> | undefined
  const deadlines: number[] = []
  const exchange = async ({ path }: { readonly path: string }, _token: string, deadlineMs: number) => {
    deadlines.push(deadlineMs)
    if (path.startsWith('/apps/by-key/')) await isHeld
    const app = apps.get(path.replace('/apps/', ''))
    const body = app ? { app } : { code: 'app-not-found', app: null }
    return { status: app ? 200 : 404, headers: { age: '0' }, body: JSON.stringify(body) }
  }
  const lookup = createAppLookup({
    url: 'https://lookup.example.com',
    token: 'made-up-token',
    feedPollIntervalMs: 0,
    clock: () => performance.timeOrigin + performance.now() + aheadMs,
    ports: { createEndpoint: ({ origin }) => ({ origin, exchange, close: () => {} }) },
  })
  onTestFinished(() => lookup.close())
  const hold = () => {
    let release = () => {}
    isHeld = new Promise((resolve) => {
      release = resolve
    })
    return release
  }
  const pass = (ms: number) => {
    aheadMs += ms
  }
  return { lookup, apps, deadlines, hold, pass }
}

it('a key that moved to another app never finds the app that had it, while the index lags behind', async () => {
  const { lookup, apps, hold, pass } = lookupBehindIndex()
  apps.set('a', appWith({ id: 'a', key: 'moved' }))
  expect(await lookup.findById('a')).toMatchObject({ id: 'a' })
  pass(31_000)
  const release = hold()
  const found = lookup.findByKey('moved')

  apps.set('a', appWith({ id: 'a', key: 'new' }))
  apps.set('b', appWith({ id: 'b', key: 'moved' }))
  expect(await lookup.findById('a')).toMatchObject({ key: 'new' })
  expect(await lookup.findById('b')).toMatchObject({ key: 'moved' })
  release()
  expect(await found).toMatchObject({ id: 'b', key: 'moved' })
})

it('nothing is sent when the time for a lookup is over', async () => {
  const { lookup, apps, deadlines, hold, pass } = lookupBehindIndex()
  apps.set('a', appWith({ id: 'a', key: 'in-no-index' }))
  await lookup.findById('a')
  pass(31_000)
  const release = hold()
  const found = lookup.findByKey('in-no-index')
  await expect.poll(() => deadlines).toHaveLength(2)
  pass(5_091)
  release()
  await found
  expect(Math.min(...deadlines)).toBeGreaterThan(0)
  const { requests, state } = lookup.stats().regions[0] ?? {}
  expect({ lookups: requests?.lookup, probes: requests?.probe, state }).toEqual({
    lookups: { found: 1, 'not-found': 1 },
    probes: {},
    state: 'answering',
  })
})

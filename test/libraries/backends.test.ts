import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type BackendCall,
  type LibraryBackend,
  startLibraryBackends,
} from '../../harness/library-backends.ts'
import { type Endpoint, httpDriver, startEndpoint } from '../../harness/local-endpoint.ts'
import { type Region, startRegion } from '../../harness/misbehaving-region.ts'
import { ANY_NODE } from '../../harness/nodes.ts'
import { killAll, type Soketi, startSoketi } from '../../harness/soketi-process.ts'

const EVENT: BackendCall = { call: 'trigger', data: { from: 'x' } }

/** Errors of soketi's HTTP API: the call, and of which app. PyPI's pusher takes ids of digits only. */
const ERRORS: readonly (readonly [what: string, id: string, call: BackendCall, secret?: string])[] = [
  ['of an unknown app (404)', '404', EVENT],
  ['signed with an old secret (401)', '200', EVENT, 'old-secret'],
  ['with too much data (413)', '200', { call: 'trigger', data: { from: 'x'.repeat(2_000) } }],
  ['with too many events (400)', '200', { call: 'batch', count: 9 }],
  ['for the users of a public channel (400)', '200', { call: 'users of a public channel' }],
  ['over the rate limit (429)', '429', EVENT],
  ['of a disabled app (403)', '403', EVENT],
  ['in an outage (503)', '503', EVENT],
]

let endpoint: Endpoint
let region: Region
let soketi: Soketi
const backends = startLibraryBackends()
beforeAll(async () => {
  endpoint = await startEndpoint()
  region = await startRegion(endpoint.url)
  await endpoint.put('200', { MaxEventPayloadInKb: { N: '1' }, MaxEventBatchSize: { N: '8' } })
  await endpoint.put('403', { Enabled: { BOOL: false } })
  await endpoint.put('429', { MaxBackendEventsPerSecond: { N: '0' } })
  soketi = await startSoketi({ node: ANY_NODE, env: httpDriver(region.url) })
})
afterAll(async () => {
  for (const backend of Object.values(backends)) backend.close()
  await killAll()
  await region.close()
  await endpoint.close()
})

describe.each(Object.entries(backends))('a backend with %s', (_, backend: LibraryBackend) => {
  const send = (id: string, call: BackendCall, secret = `${id}-secret`) =>
    backend.call(soketi.port, { id, key: `${id}-key`, secret }, call)

  it.each([EVENT, { call: 'batch', count: 8 }, { call: 'users' }] satisfies BackendCall[])(
    'sees no error after $call',
    async (call) => {
      expect(await send('200', call)).toBeUndefined()
    },
  )

  it.for(ERRORS)('sees an error after a call %s', async ([what, id, call, secret]) => {
    if (what.includes('outage')) await region.misbehave('does not answer')
    expect(await send(id, call, secret)).toMatch(/^error/)
    await region.recover()
  })
})

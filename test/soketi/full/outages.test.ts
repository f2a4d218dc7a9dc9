import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createCertificate } from '../../../harness/certificate.ts'
import { backend, connect, disconnectAll, nextEvent, subscribe } from '../../../harness/clients.ts'
import { withFeedOnAndOff } from '../../../harness/feed-modes.ts'
import { type Endpoint, httpDriver, startEndpoint } from '../../../harness/local-endpoint.ts'
import { type Misbehaviour, type Region, startRegion } from '../../../harness/misbehaving-region.ts'
import { MISBEHAVIOURS } from '../../../harness/misbehaviours.ts'
import { ANY_NODE, NODES } from '../../../harness/nodes.ts'
import { killAll, type Soketi, startSoketi } from '../../../harness/soketi-process.ts'

const OUTAGES: readonly Misbehaviour[] = [
  'refuses connections',
  'has an untrusted certificate',
  ...(Object.keys(MISBEHAVIOURS) as (keyof typeof MISBEHAVIOURS)[]).filter(
    (how) => how !== 'answers after 0.3 s', // which is slow, but in time
  ),
]

/** Waiting clients are connected after the next probe. One that was just rejected reconnects a second later. */
const BACK_WITHIN_MS = 1_500

/** A rejected token is tried again every 5 s ± 50 %. */
const TOKEN_BACK_WITHIN_MS = 7_500 + BACK_WITHIN_MS

let endpoint: Endpoint
let folder: string
let attempts = 0
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'soketi-outages-'))
  endpoint = await startEndpoint()
})
afterEach(disconnectAll)
afterAll(async () => {
  await killAll()
  rmSync(folder, { recursive: true })
  await endpoint.close()
})

const MODES = withFeedOnAndOff({ on: NODES, off: [ANY_NODE] })

// The time also depends on other work of the machine, so one of three attempts must be fast enough.
describe.each(MODES)('on $name, while its only region', { retry: 2 }, ({ name, node, feed }) => {
  let region: Region
  let soketi: Soketi

  beforeAll(async () => {
    const certificate = await createCertificate()
    const caFile = join(folder, `ca-${name}.pem`)
    writeFileSync(caFile, certificate.cert)
    region = await startRegion(endpoint.url, certificate)
    soketi = await startSoketi({
      node,
      env: httpDriver(region.url, {
        ...feed,
        SOKETI_APP_MANAGER_HTTP_REJECTION_JITTER_MS: '0',
        SOKETI_APP_MANAGER_HTTP_CA_FILE: caFile,
        SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: '200',
        SOKETI_APP_MANAGER_HTTP_ATTEMPT_TIMEOUT_MS: '400',
        SOKETI_APP_MANAGER_HTTP_LOOKUP_TIMEOUT_MS: '800',
      }),
    })
  })
  afterEach(() => region.recover())
  afterAll(async () => {
    await soketi.kill()
    await region.close()
  })

  it.each(OUTAGES)('%s, known apps keep working, and other apps work again after it', async (how) => {
    attempts += 1
    const unknown = `unknown-${name}-${how}-${attempts}`.replace(/\W+/g, '-')
    await endpoint.put(unknown)
    const old = connect(soketi.port, 'demo-key')
    await old.connected()
    const channel = await subscribe(old, 'news')

    await region.misbehave(how)
    const waiting = connect(soketi.port, `${unknown}-key`)
    const published = backend(soketi.port, unknown).trigger('news', 'a', 'x')
    await expect(published).rejects.toMatchObject({ status: 503 })

    // Known apps still work: for new clients, for backends and on open sockets.
    const young = connect(soketi.port, 'demo-key')
    await young.connected()
    const event = nextEvent(channel, 'headline')
    await backend(soketi.port, 'demo').trigger('news', 'headline', how)
    expect(await event).toBe(how)

    await region.recover()
    const recoveredMs = performance.now()
    await waiting.connected()
    expect(performance.now() - recoveredMs).toBeLessThan(
      how === 'rejects the token' ? TOKEN_BACK_WITHIN_MS : BACK_WITHIN_MS,
    )
    expect(waiting.errors.filter((code) => code !== 4100)).toEqual([])
    expect(waiting.states).not.toContain('disconnected')
    expect(old.pusher.connection.state).toBe('connected')
    expect(soketi.isRunning()).toBe(true)
  })
})

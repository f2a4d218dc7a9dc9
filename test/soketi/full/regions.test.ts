import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { backend, connect, disconnectAll } from '../../../harness/clients.ts'
import { withFeedOnAndOff } from '../../../harness/feed-modes.ts'
import {
  type Endpoint,
  httpDriver,
  NEXT_TOKEN,
  startEndpoint,
  TOKEN,
} from '../../../harness/local-endpoint.ts'
import { type Region, startRegion } from '../../../harness/misbehaving-region.ts'
import { ANY_NODE, NODES } from '../../../harness/nodes.ts'
import { readMetric } from '../../../harness/read-metric.ts'
import { killAll, startSoketi } from '../../../harness/soketi-process.ts'
import { until } from '../../../harness/until.ts'

const QUICK_DEADLINES = {
  SOKETI_APP_MANAGER_HTTP_ATTEMPT_TIMEOUT_MS: '500',
  SOKETI_APP_MANAGER_HTTP_LOOKUP_TIMEOUT_MS: '2000',
}

let endpoint: Endpoint
let near: Region
let far: Region
let folder: string
beforeAll(async () => {
  endpoint = await startEndpoint()
  folder = mkdtempSync(join(tmpdir(), 'soketi-regions-'))
})
beforeEach(async () => {
  near = await startRegion(endpoint.url)
  far = await startRegion(endpoint.url)
})
afterEach(async () => {
  disconnectAll()
  await killAll()
  await Promise.all([near.close(), far.close()])
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await endpoint.close()
})

const MODES = withFeedOnAndOff({ on: NODES, off: [ANY_NODE] })

describe.each(MODES)('on $name', ({ name, node, feed }) => {
  it('traffic moves to the next region and back without one failed connection or publish', async () => {
    const soketi = await startSoketi({
      node,
      env: httpDriver(`${near.url},${far.url}`, {
        ...feed,
        ...QUICK_DEADLINES,
        SOKETI_METRICS_ENABLED: '1',
        SOKETI_APP_MANAGER_HTTP_UNKNOWN_LOOKUPS_PER_SECOND: '1000', // every visitor here is one
      }),
    })
    let number = 0
    const visit = async () => {
      number += 1
      const id = `visitor-${name}-${number}`.replace(/\W+/g, '-') // new each time, so that every one is a lookup
      await endpoint.put(id)
      const client = connect(soketi.port, `${id}-key`)
      await client.connected()
      await expect(backend(soketi.port, id).trigger('news', 'a', 'x')).resolves.toMatchObject({ status: 200 })
      expect(client.errors).toEqual([])
      client.pusher.disconnect()
    }
    const asked = async (region: Region) => {
      const before = region.requests.length
      await visit()
      return region.requests.length > before
    }
    expect(await asked(near)).toBe(true)
    for (const how of [
      'resets connections',
      'does not answer',
      'refuses connections',
      'answers 500',
    ] as const) {
      await near.misbehave(how)
      await until(() => asked(far))
      await Promise.all(Array.from({ length: 10 }, visit))
      await near.recover()
      await until(() => asked(near))
    }
    expect(await readMetric(soketi, 'http_app_manager_rejected_total')).toBe(0)
  })

  it('a token is replaced in its file during traffic without one failed connection', async () => {
    const tokenFile = join(folder, `token-${name}`)
    writeFileSync(tokenFile, `${TOKEN}\n`)
    const soketi = await startSoketi({
      node,
      env: httpDriver(near.url, {
        ...feed,
        SOKETI_APP_MANAGER_HTTP_TOKEN: '',
        SOKETI_APP_MANAGER_HTTP_TOKEN_FILE: tokenFile,
        SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: '1',
      }),
    })
    near.tokens.length = 0
    const visit = async () => {
      const client = connect(soketi.port, 'demo-key')
      await client.connected()
      expect(client.errors).toEqual([])
      client.pusher.disconnect()
    }
    await visit()
    writeFileSync(tokenFile, `${NEXT_TOKEN}\n`)
    await until(async () => {
      await visit()
      return near.tokens.at(-1) === NEXT_TOKEN
    }, 20_000)
    expect(new Set(near.tokens)).toEqual(new Set([TOKEN, NEXT_TOKEN]))
    expect(soketi.output()).not.toContain(TOKEN)
    expect(soketi.output()).not.toContain(NEXT_TOKEN)
  })

  it('a soketi that is restarted during an outage still serves the apps it knew', async () => {
    const env = httpDriver(near.url, {
      ...feed,
      ...QUICK_DEADLINES,
      SOKETI_APP_MANAGER_HTTP_SNAPSHOT_FILE: join(folder, `snapshot-${name}`),
    })
    const first = await startSoketi({ node, env })
    await connect(first.port, 'demo-key').connected()
    expect(await first.kill('SIGTERM')).toBe(0)

    await near.misbehave('refuses connections')
    const second = await startSoketi({ node, env })
    const client = connect(second.port, 'demo-key')
    await client.connected()
    expect(client.errors).toEqual([])
    await expect(backend(second.port, 'demo').trigger('news', 'a', 'x')).resolves.toMatchObject({
      status: 200,
    })
    const stranger = connect(second.port, 'bare-key')
    await until(() => stranger.errors.length > 0)
    expect(stranger.errors[0]).toBe(4100)
    await near.recover()
    await stranger.connected()
  })
})

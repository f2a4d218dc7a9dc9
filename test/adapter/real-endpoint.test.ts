import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AppLookup, createAppLookup } from '../../adapter/lookup/index.ts'
import { SAMPLES } from '../../dev/sample-apps.ts'
import { isHeartbeat } from '../../functions/apps/heartbeat.ts'
import { startEndpoint, TOKEN } from '../../harness/local-endpoint.ts'
import { outcomeOf, PATIENT } from './lookup-on.ts'

let endpoint: Awaited<ReturnType<typeof startEndpoint>>
let lookup: AppLookup
beforeAll(async () => {
  endpoint = await startEndpoint()
  lookup = createAppLookup({ ...PATIENT, url: endpoint.url, token: TOKEN })
})
afterAll(async () => {
  await lookup.close()
  await endpoint.close()
})

const nameOf = (item: (typeof SAMPLES)[number]['item'], attribute: string) => item[attribute]?.S ?? ''
const isSound = (id: string) => !/^(no-|bad-)/.test(id)
const samples = SAMPLES.map(({ shows, item }) => ({
  shows,
  id: nameOf(item, 'AppId'),
  key: nameOf(item, 'AppKey'),
}))
const rows = samples.filter(({ id }) => !isHeartbeat(id))

describe('at the real endpoint', () => {
  it('the start-up check passes, and not with another token', async () => {
    expect((await lookup.check()).status).toBe('ready')
    const other = createAppLookup({ ...PATIENT, url: endpoint.url, token: 'another' })
    expect((await other.check()).status).toBe('denied')
    expect(await outcomeOf(other.findById('demo'))).toBe('token-refused')
    await other.close()
  })

  it.each(rows.filter(({ id }) => isSound(id)))('$id ($shows) is found by its id', async ({ id, key }) => {
    expect(await lookup.findById(id)).toMatchObject({ id, key, secret: `${id}-secret` })
  })

  it.each(rows.filter(({ id }) => isSound(id)))(
    '$id is found by its key, if that is its own',
    async ({ id, key }) => {
      const fresh = createAppLookup({ ...PATIENT, url: endpoint.url, token: TOKEN })
      const outcome = await outcomeOf(fresh.findByKey(key))
      if (key === 'twin-key') expect(outcome).toBe('app-broken')
      else expect(outcome).toMatchObject({ id, key })
      await fresh.close()
    },
  )

  it.each(rows.filter(({ id }) => !isSound(id)))(
    '$id ($shows) is no app, and not unknown',
    async ({ id }) => {
      expect(await outcomeOf(lookup.findById(id))).toBe('app-broken')
    },
  )

  it.each(['nope', 'x/y', '\u0000', '__proto__'])('%j is unknown, by id and by key', async (name) => {
    expect(await lookup.findById(name)).toBeUndefined()
    expect(await lookup.findByKey(name)).toBeUndefined()
  })

  it('a heartbeat is unknown, by id and by key', async () => {
    const heartbeats = samples.filter(({ id }) => isHeartbeat(id))
    expect(heartbeats).toHaveLength(1)
    for (const { id, key } of heartbeats) {
      expect(await lookup.findById(id)).toBeUndefined()
      expect(await lookup.findByKey(key)).toBeUndefined()
    }
  })

  it('a batch has the same results', async () => {
    const users = createAppLookup({ ...PATIENT, url: endpoint.url, token: TOKEN, feedPollIntervalMs: 0 })
    const told: string[] = []
    users.onChange((id) => told.push(id))
    for (const id of [...rows.map(({ id }) => id), 'nope']) users.setLive(id, true)
    const sound = rows.map(({ id }) => id).filter(isSound)
    await expect.poll(() => told.length).toBe(sound.length)
    expect(told.sort()).toEqual(sound.sort())
    for (const id of sound) expect(users.peek(id)).toEqual(await lookup.findById(id))
    const { regions, revalidation } = users.stats()
    expect(regions[0]).toMatchObject({ state: 'answering', requests: { batch: { found: 1 } } })
    expect(revalidation.outcomes).toMatchObject({ unconfirmed: 1, failed: rows.length - sound.length })
    await users.close()
  })
})

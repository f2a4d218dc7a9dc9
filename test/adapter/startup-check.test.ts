import { describe, expect, it } from 'vitest'
import { appWith } from './endpoint-double.ts'
import { IMPATIENT, lookupOn, startDouble } from './lookup-on.ts'

describe('the start-up check', () => {
  it('passes when a region returns that there is no such app', async () => {
    const [near, far] = [await startDouble(), await startDouble()]
    far.mode = 'wrong-token'
    const { lookup } = lookupOn([near, far])
    expect(await lookup.check()).toEqual({
      status: 'ready',
      summary: `apps are looked up over HTTP: ${near.url} answers, ${far.url} rejects the token; changes are not followed (the change feed is turned off) and are seen within 30 s`,
      regions: [
        { origin: near.url, state: 'answering' },
        { origin: far.url, state: 'denied' },
      ],
    })
  })

  it('passes when that app exists', async () => {
    const double = await startDouble()
    const id = '~soketi-http-app-manager~probe~'
    double.apps.set(id, appWith({ id }))
    expect((await lookupOn([double]).lookup.check()).status).toBe('ready')
  })

  it('fails when every region rejects the token', async () => {
    const doubles = [await startDouble(), await startDouble()]
    for (const double of doubles) double.mode = 'no-token'
    expect((await lookupOn(doubles).lookup.check()).status).toBe('denied')
  })

  it.each(['unavailable', 'gateway-404', 'bad-request', 'redirect', 'hanging'] as const)(
    'warns when the endpoint is %s',
    async (mode) => {
      const [near, far] = [await startDouble(), await startDouble()]
      near.mode = mode
      far.mode = 'wrong-token'
      const { lookup } = lookupOn([near, far], IMPATIENT)
      expect(await lookup.check()).toMatchObject({ status: 'unavailable' })
    },
  )
})

import { describe, expect, it } from 'vitest'
import type { Region } from '../../adapter/lookup/endpoint/region.ts'
import type { Regions } from '../../adapter/lookup/endpoint/regions.ts'
import { createFeed } from '../../adapter/lookup/feed/feed.ts'
import { createRareLog } from '../../adapter/lookup/log.ts'
import { parseSettings } from '../../adapter/lookup/settings/settings.ts'
import { VirtualTime } from '../support/virtual-time.ts'

describe('the feed', () => {
  it('does not follow a read that was retried with a new token during the first poll', async () => {
    let now = 10
    let answerPoll = (_: unknown) => {}
    const ask = () =>
      new Promise((resolve) => {
        answerPoll = resolve
      })
    const region = { ask } as unknown as Region
    const regions = { all: [region], inUse: () => region } as unknown as Regions
    const feed = createFeed({
      ...parseSettings({ url: 'https://near.example', token: 'made-up-token' }),
      regions,
      clock: () => now,
      timers: new VirtualTime(),
      random: () => 0,
      rareLog: createRareLog(
        () => {},
        () => now,
      ),
      knownApps: () => 0,
      onHint: () => false,
      onChange: () => {},
    })
    const checked = feed.check()
    now = 100
    const value = { hints: [], cursor: 'here', more: false, heartbeatAgeMs: 0, ageMs: 0 }
    answerPoll({ response: { outcome: 'found', value, ageMs: 0 }, sentAt: 10 })
    expect(await checked).toBe('following')
    expect(feed.follow('app-1', { region, sentAt: 50 })).toBeUndefined()
    expect(feed.follow('app-1', { region, sentAt: 100 })).toMatchObject({ until: 900_100 })
    feed.close()
  })
})

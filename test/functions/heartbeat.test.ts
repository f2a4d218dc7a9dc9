import { expect, it } from 'vitest'
import { heartbeatIdOf, isHeartbeat } from '../../functions/apps/heartbeat.ts'

it('isHeartbeat is true for the heartbeat id of any region, and for no other id', () => {
  expect(heartbeatIdOf('eu-west-1')).toBe('~heartbeat.eu-west-1')
  expect(isHeartbeat(heartbeatIdOf('eu-west-1'))).toBe(true)
  expect(isHeartbeat('~heartbeat.')).toBe(true)
  for (const id of ['', 'demo', '~heartbeat', 'heartbeat.eu-west-1', 'x~heartbeat.eu-west-1'])
    expect(isHeartbeat(id)).toBe(false)
})

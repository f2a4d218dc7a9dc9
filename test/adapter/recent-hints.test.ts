import { expect, it } from 'vitest'
import { createRecentHints } from '../../adapter/lookup/feed/recent-hints.ts'

it('a hint without keys may have named any key', () => {
  const recent = createRecentHints()
  recent.add({ id: 'app-1', keys: ['other'] }, 100)
  expect(recent.haveNamedKey('key', 100)).toBe(false)
  recent.add({ id: 'app-2' }, 200)
  expect(recent.haveNamedKey('key', 200)).toBe(true)
  expect(recent.haveNamedKey('key', 201)).toBe(false)
})

it('a name of which the hint was forgotten may have been in it', () => {
  const recent = createRecentHints()
  recent.add({ id: 'app-1', keys: ['key'] }, 100)
  for (let i = 0; i < 50_000; i += 1) recent.add({ id: `other-${i}`, keys: [`other-${i}`] }, 101)
  expect(recent.haveNamedId('app-1', 100)).toBe(true)
  expect(recent.haveNamedKey('key', 100)).toBe(true)
  expect(recent.haveNamedId('app-1', 102)).toBe(false)
})

import { expect, it, onTestFinished, vi } from 'vitest'
import type { AppLookup } from '../../adapter/lookup/index.ts'
import { createSignatureCheck } from '../../adapter/soketi/signature-check.ts'
import type { SoketiApp } from '../../adapter/soketi/soketi.ts'
import { appWith } from './endpoint-double.ts'

it('logs each of many apps whose previous secret is in use once an hour, on a line of its own', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue()
  onTestFinished(() => log.mockRestore())
  const lookup = { previousSecret: () => 'previous' } as unknown as AppLookup
  const toSoketi = (app: object) => app as SoketiApp
  const { previous, signerOf } = createSignatureCheck({ lookup, toSoketi })
  for (let round = 0; round < 2; round += 1)
    for (let i = 0; i < 5_000; i += 1)
      await signerOf(
        'http',
        toSoketi(appWith({ id: `app\n${i}` })),
        {},
        ({ secret }) => secret === 'previous',
      )
  expect(previous.http).toBe(10_000)
  expect(log).toHaveBeenCalledTimes(5_000)
  expect(log.mock.lastCall).toEqual([
    '[http-app-manager] the previous secret of the app "app\\n4999" is still in use (http)',
  ])
})

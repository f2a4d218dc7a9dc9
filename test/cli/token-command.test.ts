import { describe, expect, it } from 'vitest'
import { hashToken, parseConsumers } from '../../functions/access/consumers.ts'
import { json, run } from '../../harness/run-command.ts'

describe('token', () => {
  it('creates a token whose entry the authorizer accepts', async () => {
    const { token, entry } = json<{ token: string; entry: string }>(
      await run(['token', 'dashboard', '--public', '--json']),
    )
    expect(token).toMatch(/^sal_[\w-]{43}$/)
    expect(parseConsumers(entry)).toEqual([
      { consumer: 'dashboard', scope: 'public', sha256: Buffer.from(hashToken(token), 'base64url') },
    ])
    expect(json(await run(['token', 'backend', '--json']))).toMatchObject({ scope: 'full' })
  })

  it.each(['a b', 'a,b', 'a:full:x,b', '', 'n'.repeat(41)])(
    'refuses the name "%s" without repeating it',
    async (name) => {
      const ran = await run(['token', name])
      expect(ran).toMatchObject({ code: 2, stdout: '' })
      expect(ran.stderr).toBe('The name of a consumer must be 1 to 40 of A-Z, a-z, 0-9, ".", "_" and "-".\n')
    },
  )
})

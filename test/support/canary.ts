import { expect } from 'vitest'
import { SAMPLE_APPS } from '../../dev/sample-apps.ts'
import { hashToken } from '../../functions/access/consumers.ts'

/** The tokens of the tests, in the form of real ones. */
export const TOKENS = {
  full: `sal_${'f'.repeat(43)}`,
  public: `sal_${'p'.repeat(43)}`,
  /** Its entry was removed from the list. */
  revoked: `sal_${'r'.repeat(43)}`,
} as const

/** The list of consumers with the tokens of the tests. */
export const CONSUMERS = `backend:full:${hashToken(TOKENS.full)},dashboard:public:${hashToken(TOKENS.public)}`

/** Texts that must never be in a log or an error: every sample's secrets, the tokens, and a webhook's header. */
export const CANARIES: readonly string[] = [
  ...SAMPLE_APPS.flatMap(({ AppSecret, PreviousAppSecret }) =>
    [AppSecret?.S ?? [], PreviousAppSecret?.S ?? []].flat(),
  ),
  ...Object.values(TOKENS),
]

/** Fails if a text, such as a log line or the body of an error, contains a secret or a token. */
export function expectNoSecret(text: string): void {
  for (const canary of CANARIES) expect(text).not.toContain(canary)
}

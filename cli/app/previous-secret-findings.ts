import type { PreviousSecret } from '../../functions/apps/app.ts'
import { type Item, isPresent, previousSecretOf } from '../../functions/apps/item.ts'
import { error, type Finding, warning } from './finding.ts'

const MAX_OVERLAP_DAYS = 30

/** The problems of an app's previous secret. */
export function previousSecretFindings({ previousSecret, previousSecretUntil }: PreviousSecret): Finding[] {
  if (previousSecretUntil === undefined) return []
  const days = (previousSecretUntil - Date.now() / 1000) / (24 * 3600)
  if (days <= 0)
    return [
      warning(
        'PreviousAppSecretUntil',
        'PreviousAppSecretUntil is over, so the previous secret is not valid any more. To remove it, run rotate-secret --end.',
      ),
    ]
  return [
    ...(previousSecret === PUBLIC_SECRET
      ? [
          error(
            'PreviousAppSecret',
            "PreviousAppSecret is soketi's public default: anybody can sign requests until it ends. Run rotate-secret --end.",
          ),
        ]
      : []),
    ...(days > MAX_OVERLAP_DAYS
      ? [
          warning(
            'PreviousAppSecretUntil',
            `The previous secret is valid for more than ${MAX_OVERLAP_DAYS} days. When nothing signs with it any more, run rotate-secret --end.`,
          ),
        ]
      : []),
  ]
}

/** The secret of apps that have none in soketi's own driver. */
export const PUBLIC_SECRET = 'app-secret'

/** The problem of a previous secret that is ignored, because it is half or malformed. */
export function ignoredPreviousSecretFindings(item: Item): Finding[] {
  const [attribute] = ['PreviousAppSecret', 'PreviousAppSecretUntil'].filter((name) => isPresent(item[name]))
  if (attribute === undefined || previousSecretOf(item).previousSecret !== undefined) return []
  return [
    error(
      attribute,
      'The previous secret is ignored: PreviousAppSecret must be a non-empty string, and PreviousAppSecretUntil a whole number (N) of seconds since 1970. Run rotate-secret --end, which removes both.',
    ),
  ]
}

import { parseKnownFiles } from '@smithy/core/config'
import { EXIT, Failure } from '../terminal/failure.ts'
import { printable } from '../terminal/format.ts'

/**
 * Checks that the profile from the option or from AWS_PROFILE exists. Without this check, a misspelled name would be
 * reported as missing credentials or as a missing region.
 *
 * @throws {Failure} that names the profile
 */
export async function requireProfile(option: string | undefined): Promise<void> {
  const profile = option ?? process.env.AWS_PROFILE
  if (!profile || Object.hasOwn(await parseKnownFiles({}), profile)) return
  const source = option === undefined ? 'AWS_PROFILE' : '--profile'
  throw new Failure(
    `There is no AWS profile ${printable(profile)} (${source}). To list your profiles, run: aws configure list-profiles`,
    EXIT.usage,
  )
}

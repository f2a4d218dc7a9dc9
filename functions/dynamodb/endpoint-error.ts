/**
 * The settings that an `EndpointError` of the SDK is about, for example a custom endpoint with FIPS. Such settings can
 * never work together. The SDK's message names the parameters of its rules, not its settings.
 * https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 */
export function settingsOf({ message }: Error): string {
  const settings = SETTINGS.flatMap(([parameter, setting]) => (parameter.test(message) ? [setting] : []))
  return settings.join(' and ') || 'AWS_REGION'
}

const SETTINGS: readonly (readonly [RegExp, string])[] = [
  [/FIPS/, 'AWS_USE_FIPS_ENDPOINT'],
  [/dual-?stack/i, 'AWS_USE_DUALSTACK_ENDPOINT'],
  [/AccountIdEndpointMode/, 'AWS_ACCOUNT_ID_ENDPOINT_MODE'],
  [/account ID|AccountID\b/, 'AWS_ACCOUNT_ID'],
  [/(custom|local) endpoint/i, 'APP_MANAGER_DYNAMODB_ENDPOINT (or AWS_ENDPOINT_URL)'],
]

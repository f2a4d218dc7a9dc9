import type { AwsCredentialIdentity } from '@aws-sdk/types'

/**
 * Stands in for `@aws-sdk/credential-provider-node` in what ships to Lambda: only the first provider of the default
 * chain, because Lambda puts the role's credentials into the environment. The rest (profiles, SSO, web identities,
 * instance metadata) is 135 KB that is never used there.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export const defaultProvider = () => async (): Promise<AwsCredentialIdentity> => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_ACCOUNT_ID } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY)
    throw Object.assign(new Error('The environment holds no AWS credentials.'), {
      name: 'CredentialsProviderError',
    })
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    ...(AWS_ACCOUNT_ID && { accountId: AWS_ACCOUNT_ID }),
  }
}

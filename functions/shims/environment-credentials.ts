import type { AwsCredentialIdentity } from '@aws-sdk/types'

/**
 * Replaces `@aws-sdk/credential-provider-node` in the Lambda bundles with the first provider of its chain, because
 * Lambda puts the role's credentials into the environment. The other providers (profiles, SSO, web identities, instance
 * metadata) are 135 KB that Lambda never uses.
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

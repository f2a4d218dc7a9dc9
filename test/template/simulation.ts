import { runSimulation } from '@cloud-copilot/iam-simulate'

/** An IAM policy, as far as a simulation needs it. */
export type Policy = { readonly Version: string; readonly Statement: readonly object[] }

/** The account of the docs and of the simulations. */
export const ACCOUNT = '123456789012'

/** A KMS key with the default key policy, which leaves the decision to IAM policies. */
const KEY_POLICY: Policy = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
  ],
}

/** Whether IAM would allow a role with this policy to do this, by a simulation; `context` has condition keys. */
export async function allows(
  policy: Policy,
  action: string,
  resource: string,
  context: Readonly<Record<string, string | string[]>> = {},
): Promise<boolean> {
  const simulation = await runSimulation(
    {
      request: {
        action,
        resource: { resource, accountId: ACCOUNT },
        principal: `arn:aws:iam::${ACCOUNT}:role/simulated`,
        contextVariables: context,
      },
      identityPolicies: [{ name: 'simulated', policy }],
      ...(action.startsWith('kms:') && { resourcePolicy: KEY_POLICY }),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  )
  if (simulation.resultType !== 'error') return simulation.overallResult === 'Allowed'
  // An action that knows no resource of this kind, such as GetItem on an index.
  if (simulation.errors.message === 'no.resource.types') return false
  throw new Error(`${action} ${resource}: ${JSON.stringify(simulation.errors)}`)
}

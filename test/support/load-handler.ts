import { vi } from 'vitest'
import { CONSUMERS } from './canary.ts'

/** The handler of a deployed function, as Lambda invokes it. */
export type Handler = (event: unknown, context: unknown) => Promise<unknown>

/** The handler of each function of the template. */
const ENTRIES: Readonly<Record<string, () => Promise<{ handler: unknown }>>> = {
  FindAppById: () => import('../../functions/find-app-by-id.ts'),
  FindAppByKey: () => import('../../functions/find-app-by-key.ts'),
  LookupApps: () => import('../../functions/lookup-apps.ts'),
  FindChanges: () => import('../../functions/find-changes.ts'),
  RecordChanges: () => import('../../functions/record-changes.ts'),
  Authorize: () => import('../../functions/authorize.ts'),
}

/** Loads the real handler of a function with this environment, as a cold start does. It stays loaded for the test file. */
export async function loadHandler(
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<Handler> {
  const load = ENTRIES[name]
  if (!load) throw new Error(`There is no function ${name}.`)
  vi.resetModules()
  for (const [variable, value] of Object.entries({ CONSUMERS, ...environment })) vi.stubEnv(variable, value)
  return (await load()).handler as Handler
}

/** Lambda's context of an invocation. */
export const CONTEXT = {
  functionName: 'test',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:test',
  memoryLimitInMB: '512',
  awsRequestId: '8f507cfc-xmpl-4697-b07a-ac58fc914c95',
  getRemainingTimeInMillis: () => 5000,
}

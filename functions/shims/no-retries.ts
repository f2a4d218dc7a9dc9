/**
 * Replaces `@smithy/core/retry`, because functions/dynamodb/ retries requests (attempts.ts, sign-again.ts). Only the
 * middleware remains relative to which the SDK adds its signing middleware.
 */
type Stack = { add(middleware: <N>(next: N) => N, options: object): void }

export const getRetryPlugin = () => ({
  applyToStack: (stack: Stack) =>
    stack.add((next) => next, { name: 'retryMiddleware', step: 'finalizeRequest', priority: 'high' }),
})
export const resolveRetryConfig = <T>(config: T): T => config

// The SDK imports these for the settings of its retries.
export const DEFAULT_RETRY_MODE = 'standard'
export const NODE_MAX_ATTEMPT_CONFIG_OPTIONS = { environmentVariableSelector: () => undefined }
export const NODE_RETRY_MODE_CONFIG_OPTIONS = { environmentVariableSelector: () => undefined }
export const RETRY_MODES = { STANDARD: 'standard', ADAPTIVE: 'adaptive' } as const
export const Retry = {}

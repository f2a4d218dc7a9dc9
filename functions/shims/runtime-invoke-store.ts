/**
 * Replaces `@aws/lambda-invoke-store`, from which the SDK reads the trace id of an invocation. It returns the store of
 * Lambda's runtime and never creates another. Without a store, the SDK reads `_X_AMZN_TRACE_ID`.
 */
export const InvokeStore = {
  getInstanceAsync: async (): Promise<unknown> =>
    (globalThis as { awslambda?: { InvokeStore?: unknown } }).awslambda?.InvokeStore,
}

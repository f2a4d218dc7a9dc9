/**
 * Stands in for `@aws/lambda-invoke-store`, from which the SDK takes the trace id of an invocation: the store that
 * Lambda's runtime has set up, without the code that sets up another. The SDK falls back to `_X_AMZN_TRACE_ID`.
 */
export const InvokeStore = {
  getInstanceAsync: async (): Promise<unknown> =>
    (globalThis as { awslambda?: { InvokeStore?: unknown } }).awslambda?.InvokeStore,
}

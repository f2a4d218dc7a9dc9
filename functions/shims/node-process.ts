/**
 * Stands in for `import "node:process"`, whose facade reads every export and so opens standard input, output and
 * error: 8 ms. What is here is what the SDK's user agent takes from it.
 */
export const { env, versions } = process

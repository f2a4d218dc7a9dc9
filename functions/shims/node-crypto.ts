/**
 * Stands in for `import "node:crypto"`, whose facade reads every export and so loads Web Crypto: 1 ms. What is here
 * is what the SDK and this project take from it.
 */
export const { createHash, createHmac, getRandomValues, hash, timingSafeEqual } =
  process.getBuiltinModule('node:crypto')

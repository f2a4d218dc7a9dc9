/**
 * Replaces `import "node:crypto"`, which evaluates every export of the module. One of them loads Web Crypto, which takes
 * 1 ms. These are the exports that the SDK and this project use.
 */
export const { createHash, createHmac, getRandomValues, hash, timingSafeEqual } =
  process.getBuiltinModule('node:crypto')

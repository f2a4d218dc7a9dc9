import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

/**
 * Has Node keep the compiled code of what is imported from now on, in node_modules/.cache, so that the next start is faster.
 * Without the right to write there, Node goes without. NODE_DISABLE_COMPILE_CACHE turns it off.
 * https://nodejs.org/api/module.html#module-compile-cache
 */
export function useCompileCache(): void {
  enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)))
}

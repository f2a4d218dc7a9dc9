import { readFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import type { RequireFromSoketi } from './soketi.ts'

/** A loaded soketi: its version and a `require` from inside its `dist` folder. */
export type FoundSoketi = { readonly version: string; readonly require: RequireFromSoketi }

const SERVER_FILE = join('dist', 'server.js')

/**
 * Calls `onFound` as soon as soketi's server module has been loaded in this process, or at once if it is
 * loaded.
 *
 * All ways to start soketi load that file: its CLI through any link, pm2 in both of its modes, a program that
 * requires or imports the package. A process that never does sees nothing of this, and a soketi that is
 * nobody's main program is found as well, which `process.argv` could not tell.
 */
export function whenSoketiLoads(onFound: (soketi: FoundSoketi) => void): void {
  const extensions = require.extensions
  const compile = extensions['.js']
  extensions['.js'] = (module, file) => {
    compile.call(extensions, module, file)
    if (file.endsWith(sep + SERVER_FILE)) report(module, file)
  }
  for (const [file, module] of Object.entries(require.cache)) {
    if (module?.loaded && file.endsWith(sep + SERVER_FILE)) report(module, file)
  }

  function report(module: NodeJS.Module, file: string): void {
    const version = versionOfSoketi(file)
    if (version) onFound({ version, require: (request) => module.require(request) })
  }
}

function versionOfSoketi(serverFile: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(
      readFileSync(join(dirname(dirname(serverFile)), 'package.json'), 'utf8'),
    )
    if (typeof manifest !== 'object' || manifest === null || !('name' in manifest)) return undefined
    if (manifest.name !== '@soketi/soketi') return undefined
    return 'version' in manifest ? String(manifest.version) : 'without a version'
  } catch {
    return undefined // a file of that name in a program of somebody else's
  }
}

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { isObject } from '../lookup/index.ts'
import type { RequireFromSoketi } from './soketi.ts'

/** A loaded soketi: its version and a `require` from inside its `dist` folder. */
export type FoundSoketi = { readonly version: string; readonly require: RequireFromSoketi }

const SERVER_FILE = join('dist', 'server.js')
const APP_MANAGER_FILE = join('app-managers', 'app-manager.js')
const UNKNOWN_VERSION = 'of unknown version'

/**
 * Calls `onFound` as soon as soketi's server module has been loaded in this process, or at once if it is
 * loaded.
 *
 * Every way to start soketi loads that file: its CLI through any link, pm2 in both modes, and programs that require or
 * import the package. In other processes, nothing happens.
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
    const dist = dirname(file)
    // Identified by its content, because a fork can have another name.
    if (!existsSync(join(dist, APP_MANAGER_FILE))) return
    onFound({ version: versionIn(dirname(dist)), require: (request) => module.require(request) })
  }
}

function versionIn(folder: string): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return isObject(manifest) && 'version' in manifest ? String(manifest.version) : UNKNOWN_VERSION
  } catch {
    return UNKNOWN_VERSION
  }
}

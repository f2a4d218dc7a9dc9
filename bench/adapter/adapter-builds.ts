import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The last build that looked at every known app, once a second. */
export const BEFORE = 'd591240'

/**
 * Bundles the lookup and the metrics of this adapter and of the one before.
 *
 * @returns the paths of two CommonJS modules, or a sentence if the history lacks the commit
 */
export async function bundleAdapters(): Promise<{ readonly now: string; readonly before: string } | string> {
  const folder = mkdtempSync(join(tmpdir(), 'soketi-app-lookup-'))
  try {
    const archive = execFileSync('git', ['archive', BEFORE, 'adapter'], { cwd: ROOT, maxBuffer: 2 ** 26 })
    execFileSync('tar', ['-x', '-C', folder], { input: archive })
  } catch {
    return `The build before is not measured: the history of this clone lacks ${BEFORE}; fetch all of it.`
  }
  return {
    now: await bundleAdapter(ROOT, join(folder, 'now.cjs')),
    before: await bundleAdapter(folder, join(folder, 'before.cjs')),
  }
}

async function bundleAdapter(root: string, outfile: string): Promise<string> {
  const contents = `
    export { createAppLookup } from './adapter/lookup/index.ts'
    export { registerMetrics } from './adapter/soketi/prometheus.ts'`
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    tsconfigRaw: {},
  })
  return outfile
}

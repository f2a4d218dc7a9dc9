import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/**
 * Makes `register.cjs`: one file for Node 16 and later, with nothing to install beside it. Node 14 can read it, and is told
 * that it is too old.
 */
const here = fileURLToPath(new URL('.', import.meta.url))
const { name, version, license } = JSON.parse(readFileSync(`${here}package.json`, 'utf8'))
const outfile = `${here}register.cjs`

await build({
  entryPoints: [`${here}register.ts`],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  // Node 14 can read it too. It knows `?.`, which esbuild rewrites for it because of a defect with spread arguments.
  target: 'node14.6',
  supported: { 'optional-chain': true },
  minify: true,
  logLevel: 'info',
  banner: { js: `/*! ${name} ${version}, ${license} */` },
})
// The declarations beside it are a CommonJS module's.
mkdirSync(`${here}dist`, { recursive: true })
writeFileSync(`${here}dist/package.json`, '{ "type": "commonjs" }\n')
// Distroless images run as another user than the one who copied the file.
chmodSync(outfile, 0o644)

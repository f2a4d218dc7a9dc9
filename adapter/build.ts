import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/**
 * Builds `register.cjs`: one file without dependencies for Node 16 and later. Node 14 can parse it, to report that it is
 * too old.
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
  // Node 14 supports `?.`, which esbuild would rewrite because of a defect with spread arguments.
  target: 'node14.6',
  supported: { 'optional-chain': true },
  minify: true,
  logLevel: 'info',
  banner: { js: `/*! ${name} ${version}, ${license} */` },
})
// The declarations are those of a CommonJS module.
mkdirSync(`${here}dist`, { recursive: true })
writeFileSync(`${here}dist/package.json`, '{ "type": "commonjs" }\n')
// Distroless images run as another user than the owner of the file.
chmodSync(outfile, 0o644)

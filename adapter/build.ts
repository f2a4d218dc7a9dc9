import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { BUNDLE } from './bundle.ts'

/** Builds `register.cjs`, the package's only file of code. */
const here = fileURLToPath(new URL('.', import.meta.url))
const { name, version, license } = JSON.parse(readFileSync(`${here}package.json`, 'utf8'))
const outfile = `${here}register.cjs`

await build({
  ...BUNDLE,
  entryPoints: [`${here}entry.ts`],
  outfile,
  logLevel: 'info',
  banner: { js: `/*! ${name} ${version}, ${license} */` },
})
// The declarations are those of a CommonJS module.
mkdirSync(`${here}dist`, { recursive: true })
writeFileSync(`${here}dist/package.json`, '{ "type": "commonjs" }\n')
// Distroless images run as another user than the owner of the file.
chmodSync(outfile, 0o644)

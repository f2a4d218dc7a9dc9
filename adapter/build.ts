import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Makes `register.cjs`: one file for Node 16 and later, with nothing to install beside it. */
const here = fileURLToPath(new URL('.', import.meta.url))
const { name, version, license } = JSON.parse(readFileSync(`${here}package.json`, 'utf8'))
const outfile = `${here}register.cjs`
const quickLruLicense = readFileSync(`${here}../node_modules/quick-lru/license`, 'utf8').trim()

await build({
  entryPoints: [`${here}register.ts`],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node16',
  minify: true,
  logLevel: 'info',
  // The licence of what is bundled asks to be passed on with it.
  banner: { js: `/*! ${name} ${version}, ${license}. Contains quick-lru:\n${quickLruLicense}\n*/` },
})
// The declarations beside it are a CommonJS module's.
mkdirSync(`${here}dist`, { recursive: true })
writeFileSync(`${here}dist/package.json`, '{ "type": "commonjs" }\n')
// Distroless images run as another user than the one who copied the file.
chmodSync(outfile, 0o644)

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
const licenses = ['quick-lru', 'leven'].map(
  (bundled) => `${bundled}:\n${readFileSync(`${here}../node_modules/${bundled}/license`, 'utf8').trim()}`,
)

await build({
  entryPoints: [`${here}register.ts`],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node14',
  minify: true,
  logLevel: 'info',
  // The licences of what is bundled ask to be passed on with it.
  banner: { js: `/*! ${name} ${version}, ${license}. Contains ${licenses.join('\n\n')}\n*/` },
})
// The declarations beside it are a CommonJS module's.
mkdirSync(`${here}dist`, { recursive: true })
writeFileSync(`${here}dist/package.json`, '{ "type": "commonjs" }\n')
// Distroless images run as another user than the one who copied the file.
chmodSync(outfile, 0o644)

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundleFunctions } from './bundle.ts'

// npm run build, and npm run maps for source maps, which translate stack traces of the deployed functions.
const { values } = parseArgs({ options: { maps: { type: 'boolean', default: false } } })
const directory = fileURLToPath(new URL('../dist/functions', import.meta.url))
for (const { name, bytes, modules } of await bundleFunctions(directory, values))
  console.log(`${name.padEnd(14)} ${String(bytes).padStart(7)} bytes of ${modules} modules`)
console.log(`${values.maps ? 'Bundles and their source maps' : 'Bundles'} are in dist/functions.`)

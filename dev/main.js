// Plain JavaScript without packages, so that every Node can run it and report what is missing.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const installed = existsSync(fileURLToPath(new URL('../node_modules/dynalite', import.meta.url)))
if (!installed) {
  console.error('The packages are not installed. Run: npm install')
  process.exit(1)
}
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `Node 24 is needed, and npm start runs it; this is Node ${process.versions.node}. Run: npm start`,
  )
  process.exit(1)
}
const { useCompileCache } = await import('./compile-cache.ts')
useCompileCache()
const { readOptions } = await import('./options.ts')
const options = readOptions(process.argv.slice(2))
const { main } = await import('./start.ts')
await main(options)

#!/usr/bin/env node
// Plain JavaScript without packages, so that every Node can start it. An older Node starts that of the npm scripts.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const file = (path) => fileURLToPath(new URL(path, import.meta.url))
const node = ['../node_modules/node/bin/node', '../node_modules/node/bin/node.exe'].map(file).find(existsSync)

if (Number(process.versions.node.split('.')[0]) >= 24) await import('./apps.ts')
else if (node === undefined) {
  console.error('The packages are not installed. Run: npm install')
  process.exitCode = 1
} else {
  const child = spawn(node, [file('apps.ts'), ...process.argv.slice(2)], { stdio: 'inherit' })
  // Ctrl-C in a terminal reaches both processes. The child decides when to end.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
}

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ANY_NODE } from '../../harness/nodes.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Installs what is missing and builds the adapter, with output, before the first test. */
export default function setup(): void {
  const install = ['harness/install.mjs', ...ANY_NODE.stacks, 'libraries']
  execFileSync(process.execPath, install, { cwd: ROOT, stdio: 'inherit' })
  if (process.env.SOKETI_ADAPTER_FILE) return
  execFileSync('npm', ['run', '--silent', 'build:adapter'], { cwd: ROOT, stdio: 'inherit' })
}

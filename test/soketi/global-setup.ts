import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ADAPTER_FILE, NODES } from '../../harness/nodes.ts'

/** Installs what is missing and builds the adapter, showing both, before the first test. */
export default function setup(): void {
  const install = fileURLToPath(new URL('../../harness/install.mjs', import.meta.url))
  const stacks = [...new Set(NODES.map(({ stack }) => stack))]
  const redis = process.env.SOKETI_TESTS === 'quick' ? [] : ['redis']
  execFileSync(process.execPath, [install, ...stacks, ...redis], { stdio: 'inherit' })
  if (process.env.SOKETI_ADAPTER_FILE) return
  execFileSync('npm', ['run', '--silent', 'build:adapter'], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    stdio: 'inherit',
  })
  if (!existsSync(ADAPTER_FILE)) throw new Error('npm run build:adapter left no adapter/register.cjs.')
}

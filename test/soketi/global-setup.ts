import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ADAPTER_FILE, NODE_14, NODES_AND_OLDER_SOKETIS } from '../../harness/nodes.ts'

/** Installs missing programs and builds the adapter, with output, before the first test. */
export default function setup(): void {
  const install = fileURLToPath(new URL('../../harness/install.mjs', import.meta.url))
  const isQuick = process.env.SOKETI_TESTS === 'quick'
  const nodes = isQuick ? NODES_AND_OLDER_SOKETIS : [...NODES_AND_OLDER_SOKETIS, NODE_14]
  const stacks = new Set(nodes.flatMap((node) => node.stacks))
  execFileSync(process.execPath, [install, ...stacks, ...(isQuick ? [] : ['redis', 'nats', 'libraries'])], {
    stdio: 'inherit',
  })
  if (process.env.SOKETI_ADAPTER_FILE) return
  execFileSync(process.execPath, ['adapter/build.ts'], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    stdio: 'inherit',
  })
  if (!existsSync(ADAPTER_FILE)) throw new Error('adapter/build.ts left no adapter/register.cjs.')
}

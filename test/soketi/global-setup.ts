import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { startEndpoint } from '../../harness/local-endpoint.ts'
import { ADAPTER_FILE, NODE_14, NODES_AND_OLDER_SOKETIS } from '../../harness/nodes.ts'

/** Installs missing programs, builds the adapter and starts the shared endpoint. Returns what stops it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  prepare()
  const endpoint = await startEndpoint()
  project.provide('endpoint', { url: endpoint.url, dynamodb: endpoint.dynamodb })
  return () => endpoint.close()
}

function prepare(): void {
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

import { execFileSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { ANY_NODE } from '../harness/nodes.ts'
import { killAll } from '../harness/soketi-process.ts'

const [LOAD_BEFORE = Number.NaN] = loadavg()

/** The versions of soketi and Node, for reports. */
export const SETUP = {
  soketi: `1.6.1 on ${ANY_NODE.name}`,
  'load average before it began': LOAD_BEFORE.toFixed(1),
}

/** Installs soketi as the tests do, builds the adapter, and makes Ctrl-C stop every soketi. */
export function prepareSoketi(): void {
  run(process.execPath, ['harness/install.mjs', ...ANY_NODE.stacks])
  run('npm', ['run', '--silent', 'build:adapter'])
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => killAll().then(() => process.exit(130)))
}

function run(command: string, args: readonly string[]): void {
  const cwd = fileURLToPath(new URL('../', import.meta.url))
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
}

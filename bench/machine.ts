import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'

/** Where and on what it was measured: nothing that names the machine or its user. */
export type Machine = Readonly<Record<string, string>>

export function describeMachine(): Machine {
  const [cpu] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: describeCommit(),
    processor: `${cpu?.model.trim()}, ${cpus().length} cores`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    'operating system': `${process.platform} ${process.arch}`,
    Node: process.version,
  }
}

function describeCommit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()
  try {
    const commit = git('rev-parse', '--short', 'HEAD')
    // Documents, the results of a bench among them, are not what is measured.
    return git('diff', '--name-only', 'HEAD', '--', ':!*.md', ':!*.svg') === '' ? commit : `${commit}-dirty`
  } catch {
    return 'not in a git checkout'
  }
}

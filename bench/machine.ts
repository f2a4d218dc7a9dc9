import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'

/** The machine, without anything that identifies it or its user. */
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
    // Changed documents, such as results, do not change what is measured.
    return git('diff', '--name-only', 'HEAD', '--', ':!*.md', ':!*.svg') === '' ? commit : `${commit}-dirty`
  } catch {
    return 'not in a git checkout'
  }
}

import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'

/** A control group that limits processes to a share of one processor. */
export type Quota = { add(pid: number): void; remove(): void }

// Lambda allocates processor time in slices of 20 ms.
// https://mustafaakin.dev/posts/2018-01-25-how-does-proportional-cpu-allocation-work-with-aws-lambda/
const PERIOD_US = 20_000

/**
 * Creates a control group with `share` of one processor.
 *
 * @returns a sentence if this machine does not allow it
 */
export function createQuota(share: number): Quota | string {
  const quota = Math.round(share * PERIOD_US)
  const version1 = { 'cpu.cfs_period_us': `${PERIOD_US}`, 'cpu.cfs_quota_us': `${quota}` }
  const version2 = { 'cpu.max': `${quota} ${PERIOD_US}` }
  try {
    return makeGroup(`/sys/fs/cgroup/cpu/bench-${process.pid}`, version1)
  } catch {
    try {
      return makeGroup(`/sys/fs/cgroup/bench-${process.pid}`, version2)
    } catch (error) {
      return `Not measured at ${share} vCPU: the bench may not make a control group here (${error}).`
    }
  }
}

function makeGroup(folder: string, settings: Readonly<Record<string, string>>): Quota {
  mkdirSync(folder)
  try {
    for (const [file, value] of Object.entries(settings))
      writeFileSync(`${folder}/${file}`, value, { flag: 'r+' })
    // Without this file, it is an ordinary folder.
    readFileSync(`${folder}/cgroup.procs`)
  } catch (error) {
    rmdirSync(folder)
    throw error
  }
  return {
    add: (pid) => writeFileSync(`${folder}/cgroup.procs`, String(pid)),
    remove: () => rmdirSync(folder),
  }
}

import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'

/** The processor time that a running process has used so far, all its threads together, in milliseconds. */
export function cpuMsOf(pid: number): number {
  // schedstat counts nanoseconds: https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
  const threads = readdirSync(`/proc/${pid}/task`)
  const times = threads.map((id) =>
    Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]),
  )
  return times.reduce((sum, ns) => sum + ns, 0) / 1e6
}

/** A share of one processor that processes can be put under. */
export type Quota = { add(pid: number): void; remove(): void }

// Lambda gives a function its share in slices of 20 ms.
// https://mustafaakin.dev/posts/2018-01-25-how-does-proportional-cpu-allocation-work-with-aws-lambda/
const PERIOD_US = 20_000

/**
 * Makes a control group with `share` of one processor.
 *
 * @returns a sentence instead, where this machine does not allow it
 */
export function createQuota(share: number): Quota | string {
  const quota = Math.round(share * PERIOD_US)
  const version1: Group = {
    folder: `/sys/fs/cgroup/cpu/bench-${process.pid}`,
    settings: { 'cpu.cfs_period_us': `${PERIOD_US}`, 'cpu.cfs_quota_us': `${quota}` },
  }
  const version2: Group = {
    folder: `/sys/fs/cgroup/bench-${process.pid}`,
    settings: { 'cpu.max': `${quota} ${PERIOD_US}` },
  }
  const failures: string[] = []
  for (const group of [version1, version2]) {
    try {
      return makeGroup(group)
    } catch (error) {
      failures.push((error as NodeJS.ErrnoException).code ?? String(error))
    }
  }
  return `Not measured at ${share} vCPU: this machine lets the bench make no control group (${failures.join(', ')}).`
}

type Group = { readonly folder: string; readonly settings: Readonly<Record<string, string>> }

function makeGroup({ folder, settings }: Group): Quota {
  mkdirSync(folder)
  try {
    for (const [file, value] of Object.entries(settings))
      writeFileSync(`${folder}/${file}`, value, { flag: 'r+' })
    // Without the file there is no control group file system here, only a folder.
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

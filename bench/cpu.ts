import { readdirSync, readFileSync } from 'node:fs'

/** The processor time that a running process has used so far, all its threads together, in milliseconds. */
export function cpuMsOf(pid: number): number {
  // schedstat counts nanoseconds: https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
  return readdirSync(`/proc/${pid}/task`)
    .map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e6)
    .reduce((sum, ms) => sum + ms, 0)
}

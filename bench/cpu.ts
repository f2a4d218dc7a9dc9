import { readdirSync, readFileSync } from 'node:fs'

/** The processor time of all threads of a running process so far, in milliseconds. */
export function cpuMsOf(pid: number): number {
  // schedstat counts nanoseconds: https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
  return readdirSync(`/proc/${pid}/task`)
    .map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e6)
    .reduce((sum, ms) => sum + ms, 0)
}

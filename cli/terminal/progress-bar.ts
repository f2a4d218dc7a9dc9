import { SingleBar } from 'cli-progress'
import type { Terminal } from './terminal.ts'

/** A progress bar on stderr. */
export type Progress = {
  increment(): void
  /** Removes the bar; from then on, `increment` does nothing. */
  stop(): void
}

/** Starts a progress bar; it shows nothing if the stream is not a terminal. */
export function startProgress(total: number, stream: Terminal['stderr']): Progress {
  if (!stream.isTTY) return { increment() {}, stop() {} }
  const bar = new SingleBar({
    stream: stream as NodeJS.WriteStream,
    format: '{bar} {value} of {total} apps, {eta_formatted} left',
    barsize: 30,
    clearOnComplete: true,
    // The command handles Ctrl-C itself, to report what was done.
    gracefulExit: false,
  })
  bar.start(total, 0)
  return { increment: () => bar.increment(), stop: () => bar.stop() }
}

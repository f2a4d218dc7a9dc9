import { killAll } from '../../harness/soketi-process.ts'
import { startChild } from '../child-process.ts'
import { prepareSoketi, SETUP } from '../prepare-soketi.ts'
import { type FigureRow, figuresOf, figureTable } from '../report.ts'
import { type Job, measureRounds } from '../rounds.ts'
import { type Report, runBench } from '../run-bench.ts'
import { BEFORE, bundleAdapters } from './adapter-builds.ts'
import { type EventLoopMeasure, measureEventLoops } from './event-loop.ts'
import type { ManyAppsMeasure } from './many-apps.ts'

type Measure = ManyAppsMeasure | EventLoopMeasure

const MINUTE_MS = 60_000
const LOOP_MS = 5 * MINUTE_MS

await runBench({
  command: 'npm run bench:adapter',
  title: 'What a node with many apps costs',
  help: `It needs the commit ${BEFORE}, to measure that build beside this one, and installs soketi as the tests do.`,
  size: { unit: 'rounds', full: 3, quick: 1 },
  url: import.meta.url,
  run: (rounds, isQuick) => measure(rounds, isQuick).finally(killAll),
})

async function measure(rounds: number, isQuick: boolean): Promise<Report> {
  const about = `Medians, and in brackets the middle half of the rounds. Processor times of a process with
the lookup and an endpoint in memory, in virtual time. All apps have open sockets and are followed.
- **a look**: a second in which a poll names 100 apps: the poll, the look for apps that are due, their batch.
- **a scrape**: all collectors of the adapter's metrics.
- **heap**: after a forced collection.
- **wait**: how long a changed app waits at most until it is read, in virtual time, while 500 apps change every second until
each has changed once.
- **before**: the build of ${BEFORE}.
- **delay**: of the event loop of a real soketi that knows all apps, of which 50 change every second, for ${LOOP_MS / MINUTE_MS} minutes. The
other soketi runs at the same time, with ten apps of the array driver.`
  prepareSoketi()
  const bundles = await bundleAdapters()
  if (typeof bundles === 'string') return { about, tables: [], samples: [], missing: [bundles] }

  const many = isQuick ? 10_000 : 100_000
  const changing = isQuick ? 10_000 : 30_000
  const variants = ['now', 'before'] as const
  const loopMs = isQuick ? 5_000 : LOOP_MS
  const job = (measured: ManyAppsMeasure, apps: number, build: (typeof variants)[number]): Job<Measure> => {
    const variant = nameOf(build, apps)
    return {
      name: `${measured}, ${variant}`,
      run: async () => ({ [variant]: { [measured]: await measureOne(bundles[build], measured, apps) } }),
    }
  }
  const delays: Job<Measure> = {
    name: 'the event loop',
    run: async () => measureEventLoops(many, loopMs),
  }
  const jobs = variants.flatMap((build) => [
    job('a look, ms', many, build),
    job('a look, ms', 1_000, build),
    job('a scrape, ms', 10_000, build),
    job('heap, MB', many, build),
    job('longest wait, s', changing, build),
  ])
  const samples = await measureRounds([...jobs, delays], rounds)
  const ratio = (
    title: string,
    goal: number,
    measured: ManyAppsMeasure,
    apps: number,
  ): FigureRow<Measure> => [title, goal, [nameOf('now', apps), measured], [nameOf('before', apps), measured]]
  const rows: FigureRow<Measure>[] = [
    ratio(`a look at ${many} apps / before`, 0.03, 'a look, ms', many),
    [
      `a look at ${many} apps / at 1000 apps`,
      6,
      [nameOf('now', many), 'a look, ms'],
      [nameOf('now', 1_000), 'a look, ms'],
    ],
    ratio('a scrape at 10000 apps / before', 0.03, 'a scrape, ms', 10_000),
    ratio(`heap with ${many} apps / before`, 0.85, 'heap, MB', many),
    ['longest wait at 500 changes a second, s', 10, [nameOf('now', changing), 'longest wait, s']],
    ['the same before, s', undefined, [nameOf('before', changing), 'longest wait, s']],
    [
      `p99.9 of the delay with ${many} apps / array driver`,
      1.2,
      ['adapter', 'p99.9 of the event loop, ms'],
      ['array', 'p99.9 of the event loop, ms'],
    ],
  ]
  return { about, tables: [figureTable(figuresOf(samples, rows))], samples, setup: SETUP }
}

function nameOf(build: string, apps: number): string {
  return `${build}, ${apps} apps`
}

async function measureOne(bundle: string, measured: ManyAppsMeasure, apps: number): Promise<number> {
  const module = new URL('many-apps.ts', import.meta.url)
  const child = await startChild<number>(measured, module, [bundle, measured, String(apps)], {
    execArgv: ['--expose-gc'],
    waitMs: 600_000,
  })
  child.stop()
  return child.started
}

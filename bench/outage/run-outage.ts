import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { CLIENT_LIBRARIES, closeLibraryClients } from '../../harness/library-clients.ts'
import { startEndpoint } from '../../harness/local-endpoint.ts'
import type { Misbehaviour } from '../../harness/misbehaving-region.ts'
import { killAll } from '../../harness/soketi-process.ts'
import { prepareSoketi, SETUP } from '../prepare-soketi.ts'
import { say } from '../progress.ts'
import { type FigureRow, figuresOf, figureTable, median, table } from '../report.ts'
import { type Sample, samplesOf, valuesOf } from '../rounds.ts'
import { type Report, runBench } from '../run-bench.ts'
import { type Build, findBuilds } from './builds.ts'
import { type CrowdMeasure, measureCrowd } from './crowd.ts'
import { APP_IDS, type LibraryMeasure, measureLibraries, variantOf } from './libraries.ts'

type Measure = LibraryMeasure | CrowdMeasure
type Samples = readonly Sample<Measure>[]

const ABOUT = `Real Pusher
libraries, each with a client for each of ${APP_IDS.length} apps, on a soketi 1.6.1 of their own. The outage begins before the clients connect
for the first time, so no app is cached. "Before" is the build that ADAPTER_BEFORE names, measured at the same time.

- **back**: from the end of the outage until the client is connected.
- **attempts**: connections that a client opened before the end of the outage, on average.
- **crowd**: plain WebSockets that reconnect a second after they are rejected, as pusher-js does; the outage refuses
  connections. The delay of the event loop is soketi's, while they are connected after the outage.`

const WAYS: readonly Misbehaviour[] = [
  'refuses connections',
  'does not answer',
  'answers 503 with Retry-After',
]
const CROWDS = [5_000, 10_000] as const

await runBench({
  command: 'npm run bench:outage',
  title: 'Outages, with real Pusher libraries',
  help: 'It installs soketi and the libraries as the tests do: it needs Python, a JDK and Maven. ADAPTER_BEFORE is the path of a build to compare with.',
  size: { unit: 'rounds', full: 1, quick: 1 },
  url: import.meta.url,
  run: (rounds, isQuick) => measure(rounds, isQuick).finally(stop),
})

async function measure(rounds: number, isQuick: boolean): Promise<Report> {
  prepareSoketi()
  const cwd = fileURLToPath(new URL('../../', import.meta.url))
  execFileSync(process.execPath, ['harness/install.mjs', 'libraries'], { cwd, stdio: 'inherit' })
  const endpoint = await startEndpoint()
  const builds = findBuilds()
  for (const id of APP_IDS) await endpoint.put(id)
  const samples: Sample<Measure>[] = []
  for (let round = 1; round <= rounds; round += 1) {
    for (const seconds of isQuick ? [10] : [10, 60, 120]) {
      say(`Outages of ${seconds} s`)
      const ways = isQuick ? WAYS.slice(0, 1) : WAYS
      // At the same time, because clients and servers mostly wait.
      const all = builds.flatMap((build) =>
        ways.map((how) => measureLibraries(endpoint, build, how, seconds)),
      )
      for (const measured of await Promise.all(all)) samples.push(...samplesOf(measured, round))
      closeLibraryClients()
    }
    for (const clients of isQuick ? [500] : CROWDS)
      for (const build of builds) {
        say(`${clients} clients, ${build.name}`)
        const measured = { [crowdOf(clients, build)]: await measureCrowd(endpoint, build, clients) }
        samples.push(...samplesOf<Measure>(measured, round))
      }
  }
  await endpoint.close()
  return { about: ABOUT, tables: tablesOf(samples, builds), samples, setup: SETUP }
}

async function stop(): Promise<void> {
  closeLibraryClients()
  await killAll()
}

function crowdOf(clients: number, build: Build): string {
  return `crowd of ${clients}, ${build.name}`
}

function tablesOf(samples: Samples, builds: readonly Build[]): string[] {
  return [
    'Goals:',
    figureTable(figuresOf(samples, goalsOf(builds)).filter(({ found }) => found.length > 0)),
    'Libraries:',
    libraryTable(samples, builds),
  ]
}

function goalsOf(builds: readonly Build[]): FigureRow<Measure>[] {
  const now = builds.at(-1)
  if (!now) return []
  const back = (library: string, seconds: number, goal: number) =>
    WAYS.map((how): FigureRow<Measure> => {
      const variant = variantOf(library, how, seconds, now)
      return [`${library}, ${how}, ${seconds} s: last one back, s`, goal, [variant, 'back after s (last)']]
    })
  const javascript = ['pusher-js', 'laravel-echo', 'pusher-client']
  return [
    ...javascript.flatMap((library) => [10, 60, 120].flatMap((seconds) => back(library, seconds, 1.5))),
    ...back('pusher-java-client', 60, 8),
    ...back('pusher-java-client', 120, 10),
    ...[10, 60, 120].flatMap((seconds) => back('pysher', seconds, 11)),
    ...WAYS.map((how): FigureRow<Measure> => {
      return [`pusher-js, ${how}: attempts in 60 s`, 10, [variantOf('pusher-js', how, 60, now), 'attempts']]
    }),
    ...CROWDS.flatMap((clients): FigureRow<Measure>[] => [
      ...builds
        .slice(0, -1)
        .map(
          (before): FigureRow<Measure> => [
            `${clients} clients: attempts a second, now / before`,
            0.6,
            [crowdOf(clients, now), 'attempts a second'],
            [crowdOf(clients, before), 'attempts a second'],
          ],
        ),
      [
        `${clients} clients: all back, s`,
        clients === 5_000 ? 3 : undefined,
        [crowdOf(clients, now), 'all back after s'],
      ],
      [
        `${clients} clients: longest delay of the event loop, ms`,
        undefined,
        [crowdOf(clients, now), 'longest delay of the event loop, ms'],
      ],
    ]),
  ]
}

function libraryTable(samples: Samples, builds: readonly Build[]): string {
  const rows = CLIENT_LIBRARIES.flatMap((library) =>
    WAYS.flatMap((how) =>
      [10, 60, 120].map((seconds) => [
        `${library}, ${how}, ${seconds} s`,
        ...builds.flatMap((build) => {
          const value = (measure: Measure, digits: number) =>
            median(valuesOf(samples, variantOf(library, how, seconds, build), measure), digits)
          return [
            `${value('back after s (median)', 1)} / ${value('back after s (last)', 1)}`,
            value('never back', 0),
            value('attempts', 1),
          ]
        }),
      ]),
    ),
  )
  const measured = rows.filter((row) => row.at(-1) !== '–')
  const head = builds.flatMap(({ name }) => [
    `back, s (median / last): ${name}`,
    `never: ${name}`,
    `attempts: ${name}`,
  ])
  return table(['library', ...head], measured)
}

import { killAll } from '../../harness/soketi-process.ts'
import { prepareSoketi, SETUP } from '../prepare-soketi.ts'
import { say } from '../progress.ts'
import { type Report, runBench } from '../run-bench.ts'
import { measureCatchUp } from './catch-up.ts'
import type { Kind } from './changes.ts'
import { measureDelays, measureImport } from './delivery.ts'
import { ABOUT, type FeedSample, failures, type Recorder, tables, VARIANTS } from './feed-report.ts'
import { namesOf, startFeedStack } from './feed-stack.ts'
import { measureNodes } from './measure-nodes.ts'
import { poll } from './poll-feed.ts'
import { countReadsOfPolls } from './polls.ts'
import { FULL, QUICK, type Size } from './size.ts'

const POLLS_PER_SECOND = 1_000

await runBench({
  command: 'npm run bench:feed',
  title: 'What the change feed does for soketi',
  help: `It installs soketi and its Node as the tests do, and needs DynamoDB Local: Java 17 and Maven. So many minutes the requests
are counted; the rest of a full run takes about nine.`,
  size: { unit: 'minutes', full: 10, quick: 0.25 },
  url: import.meta.url,
  run: (minutes, isQuick) => measure(60 * minutes, isQuick ? QUICK : FULL).finally(killAll),
})

async function measure(seconds: number, size: Size): Promise<Report> {
  const startedAt = performance.now()
  prepareSoketi()
  const ids = namesOf('app', size.apps)
  const changes: Readonly<Record<Kind, readonly string[]>> = {
    disable: namesOf('disabled', size.changesOfAKind),
    update: namesOf('updated', size.changesOfAKind),
    delete: namesOf('deleted', size.changesOfAKind),
    rotate: namesOf('rotated', size.changesOfAKind),
  }
  const hinted = namesOf('hinted', size.hints)
  const stack = await startFeedStack([...ids, ...hinted, ...Object.values(changes).flat()])
  const quiet = await startFeedStack(ids)
  const samples: FeedSample[] = []
  const record: Recorder = (variant, measures) => {
    for (const [measure, values] of Object.entries(measures))
      for (const [index, value] of [values].flat().entries())
        samples.push({ variant, measure, round: index + 1, value } as FeedSample)
  }

  const { cursor: start } = await poll(stack.url)
  await measureNodes({ stack, quiet, ids, changes, seconds, size }, record)
  quiet.stop()
  say('Timing writes until a poll has them …')
  record(VARIANTS.poll, { 'write to hint ms': await measureDelays(stack, hinted, start) })
  say(`Importing ${size.imported} apps …`)
  record(VARIANTS.import, await measureImport(stack, size.imported))
  say('Reading the change log from its first entry …')
  const ofOne = await measureCatchUp(stack.dynamodb, size.entriesOfOne, 1)
  record(VARIANTS.behind, ofOne.limited)
  record(VARIANTS.behindUnlimited, ofOne.unlimited)
  const full = await measureCatchUp(stack.dynamodb, size.fullEntries, 100)
  record(VARIANTS.behindFull, full.limited)
  record(VARIANTS.behindFullUnlimited, full.unlimited)
  stack.stop()
  say(`${POLLS_PER_SECOND} polls a second …`)
  record(VARIANTS.environment, {
    'reads a second': await countReadsOfPolls(POLLS_PER_SECOND, size.pollSeconds),
  })
  const minutes = (performance.now() - startedAt) / 60_000
  return {
    about: ABOUT,
    tables: tables(samples),
    samples,
    failures: failures(samples),
    setup: { ...SETUP, 'the whole run': `${minutes.toFixed(0)} minutes` },
  }
}

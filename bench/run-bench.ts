import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeMachine } from './machine.ts'
import { say } from './progress.ts'
import { everyValue } from './report.ts'
import type { Sample } from './rounds.ts'

/** The results of a benchmark, as Markdown. */
export type Report = {
  /** The method, and the terms in the tables. */
  readonly about: string
  readonly tables: readonly string[]
  /** The values behind the tables. */
  readonly samples: readonly Sample[]
  /** The setup, in addition to the machine. */
  readonly setup?: Readonly<Record<string, string>>
  /** What could not be measured on this machine, in sentences. */
  readonly missing?: readonly string[]
  /** Broken promises, in sentences. With any of these, the command fails. */
  readonly failures?: readonly string[]
}

export type Bench = {
  readonly command: string
  readonly title: string
  /** The text of --help below the options. */
  readonly help: string
  /** The size of a run: its unit, and the number in a full run and with --quick. */
  readonly size: { readonly unit: 'rounds' | 'minutes'; readonly full: number; readonly quick: number }
  /** The module's `import.meta.url`; RESULTS.md is beside it. */
  readonly url: string
  run(size: number, isQuick: boolean): Promise<Report>
}

/** Runs a benchmark with the options of the command line, prints the results, and writes RESULTS.md after a full run. */
export async function runBench({ command, title, help, size, url, run }: Bench): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      [size.unit]: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (options.help) return console.log(usage({ command, size, help }))
  const isQuick = options.quick === true
  const amount = Number(options[size.unit] ?? (isQuick ? size.quick : size.full))
  if (!(amount > 0)) throw new Error(`--${size.unit} must be a number above 0.`)

  const report = await run(amount, isQuick)
  say('')
  console.log(report.tables.join('\n\n'))
  for (const sentence of report.missing ?? []) console.log(`\n${sentence}`)
  for (const sentence of report.failures ?? []) console.error(`Failed: ${sentence}`)
  if (report.failures?.length) process.exitCode = 1
  if (isQuick || options[size.unit]) return console.log('\nRESULTS.md is written by a run without options.')
  if (report.missing?.length) return console.log('\nRESULTS.md is left as it is, since something is missing.')
  const file = new URL('RESULTS.md', url)
  await writeFile(file, results(command, title, `${amount} ${size.unit}`, report))
  console.log(`\nWritten to ${fileURLToPath(file)}.`)
}

function usage({ command, size, help }: Pick<Bench, 'command' | 'size' | 'help'>): string {
  const { unit, quick, full } = size
  const option = `--${unit} N`.padEnd(13)
  return `${command} -- [options]

  --quick        ${quick} ${unit}: shows that everything runs
  ${option}  as many ${unit}, ${full} unless given

RESULTS.md is written by a run without options.
${help}`
}

function results(command: string, title: string, amount: string, report: Report): string {
  const setup = Object.entries({ ...describeMachine(), ...report.setup })
  return `# ${title}

Written by \`${command}\`; do not edit. ${amount}. ${report.about}

${setup.map(([name, value]) => `- ${name}: ${value}`).join('\n')}

${report.tables.join('\n\n')}

## Every value

In the order of the rounds.

${everyValue(report.samples)}
`
}

import { readFileSync } from 'node:fs'

/** The README. */
export const README = readFileSync('README.md', 'utf8')

/** The commands of the README, one a line of its `sh` blocks. */
export const COMMANDS: readonly string[] = [...README.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].flatMap(
  ([, block = '']) => block.trim().split(/\n */),
)

/** The only command of the README with this beginning. */
export function commandOf(beginning: string): string {
  const [command, ...others] = COMMANDS.filter((candidate) => candidate.startsWith(beginning))
  if (command === undefined || others.length > 0)
    throw new Error(`The README has not one command: ${beginning}…`)
  return command
}

/** The lines that the README shows below a command, as what it prints. */
export function printedBy(command: string): readonly string[] {
  const [, block] = README.split(`${command}\n   \`\`\`\n\n   \`\`\`\n`).flatMap((text) =>
    text.split('   ```\n', 1),
  )
  if (block === undefined) throw new Error(`The README does not show what this prints: ${command}`)
  return block.trimEnd().split('\n')
}

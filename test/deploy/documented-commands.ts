import { readdirSync, readFileSync } from 'node:fs'

const DOCS = new URL('../../docs/', import.meta.url)

/** A command of the docs, with its continuation lines joined. */
export type DocumentedCommand = { readonly page: string; readonly command: string }

/** The commands of docs/*.md that start with a program's name, each once: in blocks of shell, and in the text. */
export function documentedCommands(program: string): readonly DocumentedCommand[] {
  const all = readdirSync(DOCS)
    .filter((file) => file.endsWith('.md'))
    .flatMap((page) =>
      commandsOf(readFileSync(new URL(page, DOCS), 'utf8')).map((command) => ({ page, command })),
    )
    .filter(({ command }) => command.startsWith(`${program} `))
  return [...new Map(all.map((found) => [found.command, found])).values()]
}

function commandsOf(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].map(([, block = '']) => block)
  const lines = blocks.flatMap((block) => block.replace(/\\\n\s*/g, '').split('\n'))
  const inline = [...markdown.replace(/```.*?```/gs, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, code = '']) => code,
  )
  return [...lines.flatMap((line) => line.split(' && ')), ...inline].map((command) => command.trim())
}

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { yamlParse } from 'yaml-cfn'
import { TEMPLATE } from '../../dev/stack.ts'
import { run } from '../../harness/run-command.ts'
import { documentedCommands } from '../deploy/documented-commands.ts'

const DOCS = new URL('../../docs/', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, DOCS), 'utf8')
const pages = readdirSync(DOCS).filter((file) => file.endsWith('.md'))
const parameters: Readonly<Record<string, { Default: unknown; Description: string }>> = yamlParse(
  readFileSync(TEMPLATE, 'utf8'),
).Parameters
const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(new URL('../package.json', DOCS), 'utf8'),
)
const environments = [...read('../samconfig.toml').matchAll(/^\[([\w-]+)\.global\.parameters\]$/gm)].map(
  ([, name]) => name,
)

describe('docs/deploy.md', () => {
  it("has the template's parameters, with their defaults and descriptions, in its order", () => {
    const rows = Object.entries(parameters).map(
      ([name, { Default, Description }]) =>
        `| \`${name}\` | ${Default === '' ? 'empty' : `\`${Default}\``} | ${Description} |`,
    )
    const [, table = ''] = /\| parameter \|.*\n\|.*\n((?:\|.*\n)+)/.exec(read('deploy.md')) ?? []
    expect(table.trim().split('\n')).toEqual(rows)
  })

  it('uses only parameters that exist', () => {
    const text = read('deploy.md').replaceAll(/ParameterKey=(\w+),ParameterValue/g, '$1')
    const given = [...text.matchAll(/(?:[ "`])([A-Z]\w+)=/g)].map(([, name = '']) => name)
    const own = given.filter((name) => !name.startsWith('SOKETI_'))
    expect(own.length).toBeGreaterThan(5)
    expect(own.filter((name) => !(name in parameters))).toEqual([])
  })
})

describe.each(pages)('docs/%s', (page) => {
  const text = read(page)

  it('names environments of samconfig.toml and scripts of package.json', () => {
    for (const [, environment] of text.matchAll(/--config-env ([\w-]+)/g))
      expect(environments).toContain(environment)
    for (const [, script = ''] of text.matchAll(/npm run (?:-s )?([\w:]+)/g))
      expect(scripts).toHaveProperty([script])
  })

  it('links only to files that exist', () => {
    for (const [, file = '', heading] of text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]+))?\)/g)) {
      const target = file === '' ? text : read(file)
      const anchors = [...target.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replace(/[^\w\s-]/g, '')
          .replaceAll(' ', '-'),
      )
      if (heading !== undefined) expect(anchors, `${page} links to ${file}`).toContain(heading)
    }
  })
})

describe('a command of the admin in the docs', () => {
  const START = 'npx soketi-apps'
  const commands = documentedCommands(START).map(({ page, command }) => ({
    page,
    words: command.slice(START.length + 1).split(' '),
  }))

  it.each(commands)('$page: $words', async ({ words }) => {
    const isNested = words[0] === 'table' && !words[1]?.startsWith('--')
    const { stdout, code } = await run([...words.slice(0, isNested ? 2 : 1), '--help'])
    expect(code).toBe(0)
    for (const option of words.filter((word) => word.startsWith('--'))) expect(stdout).toContain(option)
  })
})

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from './readme.ts'

/** Where each command of the README is run: a file of the gate or of the tests, and a text in it. */
const RUN: Readonly<Record<string, readonly [file: string, text: string] | 'needs an AWS account'>> = {
  'npx soketi-apps table compare --table apps --region eu-west-1': [
    'test/docs/own-table.test.ts',
    'table compare',
  ],
  'npx soketi-apps check --table apps --region eu-west-1': [
    'test/docs/own-table.test.ts',
    'npx soketi-apps check',
  ],
  'npm run token -- soketi': ['test/docs/own-table.test.ts', 'npm run token'],
  'sam build && sam deploy --region eu-west-1 --parameter-overrides "TableOwnership=existing TableName=apps Consumers=soketi:full:…"':
    'needs an AWS account',
  'npm install && npm start': ['test/dev/start-process.ts', 'dev/main.js'],
  'npx soketi-apps disable demo --endpoint http://127.0.0.1:8000': [
    'test/dev/start.test.ts',
    'npx soketi-apps ',
  ],
  'npm start -- --table apps --region eu-west-1': ['test/dev/start.test.ts', "'--table'"],
  'npm run build:adapter': ['.ci/run', 'npm run build'],
  'npm start -- --host 0.0.0.0': ['test/sam/two-terminals.ts', 'commandOf'],
  'sam build && sam local invoke FindAppById -e events/find-by-id.json --config-env local': [
    'test/sam/invoke.test.ts',
    'commandOf',
  ],
  'sam local start-api --config-env local': ['test/sam/start-api.test.ts', 'commandOf'],
}

describe('the README', () => {
  it.each(COMMANDS)('has only commands that this list covers: %s', (command) => {
    const place = RUN[command]
    expect(place, 'Say where it is run.').toBeDefined()
    if (place && place !== 'needs an AWS account') expect(readFileSync(place[0], 'utf8')).toContain(place[1])
  })

  it('has every command of the list', () => {
    expect(Object.keys(RUN).filter((command) => !COMMANDS.includes(command))).toEqual([])
  })
})

const DOCUMENTS = execFileSync('git', ['ls-files', '*.md'], { encoding: 'utf8' }).trim().split('\n')
const SCRIPTS = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).scripts)

describe.each(DOCUMENTS)('%s', (document) => {
  const text = readFileSync(document, 'utf8')

  it('links to files that exist', () => {
    const links = [...text.matchAll(/\]\(([^):#]+)(?:#[^)]*)?\)/g)].map(([, file = '']) => file)
    expect(links.filter((file) => !existsSync(join(dirname(document), file)))).toEqual([])
  })

  it('names npm scripts that exist', () => {
    const scripts = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, script = '']) => script)
    expect(scripts.filter((script) => !SCRIPTS.includes(script))).toEqual([])
  })
})

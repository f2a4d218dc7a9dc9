import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { backend, connect } from '../../../harness/clients.ts'
import { httpDriver, TOKEN } from '../../../harness/local-endpoint.ts'
import { ANY_NODE, NODES } from '../../../harness/nodes.ts'
import { spawnSoketi, startSoketi } from '../../../harness/soketi-process.ts'
import { LOG_LINE, setUpPreloadTests } from '../preload-tests.ts'

const tests = setUpPreloadTests()

describe.each(NODES)('on $name, the preload finds soketi', (node) => {
  it("at the official images' command, and stops with it without an error", async () => {
    const soketi = await startSoketi({ node, env: httpDriver(tests.endpoint.url) })
    await tests.expectToServe(soketi)
    expect(await soketi.kill('SIGTERM')).toBe(0)
    expect(soketi.output()).not.toMatch(/error/i)
  })

  it('leaves another driver as it is', async () => {
    const soketi = await startSoketi({ node, env: { SOKETI_APP_MANAGER_DRIVER: 'array' } })
    await connect(soketi.port, 'app-key').connected()
    await expect(backend(soketi.port, 'demo').trigger('news', 'a', 'x')).resolves.toMatchObject({
      status: 200,
    })
    expect(soketi.output()).not.toContain(LOG_LINE)
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

  it.each([
    [
      'no URL',
      { SOKETI_APP_MANAGER_HTTP_URLS: '' },
      /neither SOKETI_APP_MANAGER_HTTP_URL nor .*_URLS is set/,
    ],
    [
      'no token',
      { SOKETI_APP_MANAGER_HTTP_TOKEN: '' },
      /neither SOKETI_APP_MANAGER_HTTP_TOKEN nor .*_TOKEN_FILE is set/,
    ],
    [
      'a bad number',
      { SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: '30s' },
      /SOKETI_APP_MANAGER_HTTP_APP_TTL_MS is not a whole number/,
    ],
    ['a token that is refused', { SOKETI_APP_MANAGER_HTTP_TOKEN: 'sample-wrong-token' }, /refuse/],
    [
      'a token file that is not there',
      { SOKETI_APP_MANAGER_HTTP_TOKEN: '', SOKETI_APP_MANAGER_HTTP_TOKEN_FILE: '/nowhere/token' },
      /token/i,
    ],
  ])('%s ends it with one sentence', async (_what, settings, sentence) => {
    const soketi = await spawnSoketi({ node, env: httpDriver(tests.endpoint.url, settings) })
    expect(await soketi.exited).toBe(1)
    const lines = soketi
      .output()
      .split('\n')
      .filter((line) => line.startsWith('soketi-http-app-manager: '))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(sentence)
    expect(soketi.output()).not.toMatch(/is up and running|sample-wrong-token|\n {4}at /)
  })

  it('a soketi that lacks a method ends it with one sentence', async () => {
    const trim = tests.writeScript(
      'trim.cjs',
      `const { WsHandler } = require(${JSON.stringify(join(node.soketi, 'dist/ws-handler.js'))})
       delete WsHandler.prototype.onMessage`,
    )
    const args = ['--require', trim, join(node.soketi, 'bin/server.js'), 'start']
    const soketi = await spawnSoketi({ node, args, env: httpDriver(tests.endpoint.url) })
    expect(await soketi.exited).toBe(1)
    expect(soketi.output()).toContain(
      'soketi 1.6.1 is not supported, it lacks WsHandler.onMessage; soketi 1.6 is.\n',
    )

    const other = await startSoketi({ node, args, env: { SOKETI_APP_MANAGER_DRIVER: 'array' } })
    expect(other.output()).not.toContain('not supported')
  })
})

it('settings come from a config file too, and no token is ever printed, not even with SOKETI_DEBUG', async () => {
  const config = tests.writeScript(
    'config.json',
    JSON.stringify({
      'appManager.driver': 'http',
      'appManager.http.url': tests.endpoint.url,
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

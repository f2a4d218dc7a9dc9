import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { httpDriver, TOKEN } from '../../../harness/local-endpoint.ts'
import { ADAPTER_FILE, NODE_14, NODES } from '../../../harness/nodes.ts'
import { freePorts } from '../../../harness/ports.ts'
import { spawnSoketi, startSoketi } from '../../../harness/soketi-process.ts'
import { setUpPreloadTests } from '../preload-tests.ts'
import { endpoint } from '../shared-endpoint.ts'

const NOBODY = 65_534

const tests = setUpPreloadTests()

describe.each(NODES)('on $name, the preload', (node) => {
  it('finds soketi by NODE_OPTIONS and through a link', async () => {
    const link = join(tests.folder, `soketi-${node.name}`)
    symlinkSync(join(node.soketi, 'bin/server.js'), link)
    const env = httpDriver(endpoint.url, { NODE_OPTIONS: `--require=${ADAPTER_FILE}` })
    await tests.expectToServe(await startSoketi({ node, preload: false, args: [link, 'start'], env }))
  })

  it('finds soketi in a program that requires it, and in one that imports it', async () => {
    const start = `Server.start({
      'appManager.driver': 'http',
      port: Number(process.env.SOKETI_PORT),
      'metrics.port': Number(process.env.SOKETI_METRICS_SERVER_PORT),
      'cluster.port': Number(process.env.SOKETI_CLUSTER_PORT),
    })`
    const from = JSON.stringify(`${node.soketi}dist/index.js`)
    const required = tests.writeScript('required.cjs', `const { Server } = require(${from})\n${start}`)
    const imported = tests.writeScript('imported.mjs', `import soketi from ${from}\nsoketi.${start}`)
    for (const program of [required, imported]) {
      await tests.expectToServe(await startSoketi({ node, args: [program], env: httpDriver(endpoint.url) }))
    }
  })

  it('finds soketi under pm2, which loads it from a program of its own', async () => {
    const container = join(node.modules, 'pm2/lib/ProcessContainerFork.js')
    const env = httpDriver(endpoint.url, {
      pm_exec_path: join(node.soketi, 'bin/pm2.js'),
      pmx: 'false',
    })
    await tests.expectToServe(await startSoketi({ node, args: [container], env }))
  })

  it('runs as in distroless images: as a user that does not own the file', async () => {
    const file = join(tests.folder, `register-${node.name}.cjs`)
    copyFileSync(ADAPTER_FILE, file)
    const home = join(tests.folder, `home-${node.name}`)
    mkdirSync(home, { mode: 0o777 })
    // Only root can become another user, and that user must have access to the checkout.
    const uid = spawnSync(node.bin, ['--version'], { uid: NOBODY }).status === 0 ? NOBODY : undefined
    const soketi = await startSoketi({
      node,
      preload: false,
      args: ['--require', file, join(node.soketi, 'bin/server.js'), 'start'],
      env: httpDriver(endpoint.url, { HOME: home }),
      ...(uid && { uid }),
    })
    await tests.expectToServe(soketi)
  })

  it('provides its lookup to a program without soketi, required or imported', async () => {
    const use = `const lookup = createAppLookup({ url: ${JSON.stringify(endpoint.url)}, token: process.env.TOKEN })
      lookup.findByKey('demo-key').then(({ id }) => console.log(id)).then(() => lookup.close())`
    const programs = [
      tests.writeScript(
        'lookup.cjs',
        `const { createAppLookup } = require(${JSON.stringify(ADAPTER_FILE)})\n${use}`,
      ),
      tests.writeScript(
        'lookup.mjs',
        `import { createAppLookup } from ${JSON.stringify(ADAPTER_FILE)}\n${use}`,
      ),
    ]
    for (const program of programs) {
      const run = await spawnSoketi({ node, preload: false, args: [program], env: { TOKEN } })
      expect(await run.exited).toBe(0)
      expect(run.output()).toBe('demo\n')
    }
  })

  it('warns about an endpoint that is down', async () => {
    const [port] = await freePorts(1)
    const soketi = await startSoketi({ node, env: httpDriver(`http://127.0.0.1:${port}`) })
    expect(soketi.output()).toContain(`http://127.0.0.1:${port} does not answer yet`)
  })
})

describe('on Node 14, which is not supported', () => {
  it('soketi ends with one sentence before it listens', async () => {
    const soketi = await spawnSoketi({ node: NODE_14, env: httpDriver(endpoint.url) })
    expect(await soketi.exited).toBe(1)
    expect(soketi.output().trim()).toBe(
      'soketi-http-app-manager: Node 14.21.3 is too old; use Node 16 or later, which soketi runs on too.',
    )
  })

  it('the preload is silent in a program that is not soketi', async () => {
    const program = await spawnSoketi({ node: NODE_14, args: ['-e', 'console.log(1)'] })
    expect(await program.exited).toBe(0)
    expect(program.output()).toBe('1\n')
  })
})

import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connect, disconnectAll } from '../harness/clients.ts'
import { type Endpoint, httpDriver, startEndpoint, TOKEN } from '../harness/endpoint.ts'
import { ADAPTER_FILE, NODES } from '../harness/nodes.ts'
import { freePorts, killAll, type Soketi, spawnSoketi, startSoketi } from '../harness/soketi.ts'

const LOG_LINE = '[http-app-manager] '
const NOBODY = 65_534

let endpoint: Endpoint
let folder: string
beforeAll(async () => {
  endpoint = await startEndpoint()
  folder = mkdtempSync(join(tmpdir(), 'soketi-starts-'))
  chmodSync(folder, 0o755)
})
afterEach(async () => {
  disconnectAll()
  await killAll()
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await endpoint.close()
})

async function expectToServe(soketi: Soketi): Promise<void> {
  await connect(soketi.port, 'demo-key').connected()
  expect(soketi.output().split(LOG_LINE)).toHaveLength(2)
}

function writeScript(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

describe.each(NODES)('on $name, the preload', (node) => {
  it('finds soketi by NODE_OPTIONS and through a link', async () => {
    const link = join(folder, `soketi-${node.name}`)
    symlinkSync(join(node.soketi, 'bin/server.js'), link)
    const env = httpDriver(endpoint.url, { NODE_OPTIONS: `--require=${ADAPTER_FILE}` })
    await expectToServe(await startSoketi({ node, preload: false, args: [link, 'start'], env }))
  })

  it('finds soketi in a program that requires it, and in one that imports it', async () => {
    const start = `Server.start({
      'appManager.driver': 'http',
      port: Number(process.env.SOKETI_PORT),
      'metrics.port': Number(process.env.SOKETI_METRICS_SERVER_PORT),
      'cluster.port': Number(process.env.SOKETI_CLUSTER_PORT),
    })`
    const from = JSON.stringify(`${node.soketi}dist/index.js`)
    const required = writeScript('required.cjs', `const { Server } = require(${from})\n${start}`)
    const imported = writeScript('imported.mjs', `import soketi from ${from}\nsoketi.${start}`)
    for (const program of [required, imported]) {
      await expectToServe(await startSoketi({ node, args: [program], env: httpDriver(endpoint.url) }))
    }
  })

  it('finds soketi under pm2, which loads it from a program of its own', async () => {
    const container = join(node.soketi, '../../pm2/lib/ProcessContainerFork.js')
    const env = httpDriver(endpoint.url, { pm_exec_path: join(node.soketi, 'bin/pm2.js'), pmx: 'false' })
    await expectToServe(await startSoketi({ node, args: [container], env }))
  })

  it("runs as distroless images run it: as another user than its file's", async () => {
    const file = join(folder, `register-${node.name}.cjs`)
    copyFileSync(ADAPTER_FILE, file)
    const home = join(folder, `home-${node.name}`)
    mkdirSync(home, { mode: 0o777 })
    // Only root can become another user, and only where that one may enter the checkout's folders.
    const uid = spawnSync(node.bin, ['--version'], { uid: NOBODY }).status === 0 ? NOBODY : undefined
    const soketi = await startSoketi({
      node,
      preload: false,
      args: ['--require', file, join(node.soketi, 'bin/server.js'), 'start'],
      env: httpDriver(endpoint.url, { HOME: home }),
      ...(uid && { uid }),
    })
    await expectToServe(soketi)
  })

  it('gives its lookup to a program without soketi, required or imported', async () => {
    const use = `const lookup = createAppLookup({ urls: ${JSON.stringify(endpoint.url)}, token: process.env.TOKEN })
      lookup.findByKey('demo-key').then(({ id }) => console.log(id)).then(() => lookup.close())`
    const programs = [
      writeScript(
        'lookup.cjs',
        `const { createAppLookup } = require(${JSON.stringify(ADAPTER_FILE)})\n${use}`,
      ),
      writeScript('lookup.mjs', `import { createAppLookup } from ${JSON.stringify(ADAPTER_FILE)}\n${use}`),
    ]
    for (const program of programs) {
      const run = await spawnSoketi({ node, preload: false, args: [program], env: { TOKEN } })
      expect(await run.exited).toBe(0)
      expect(run.output()).toBe('demo\n')
    }
  })

  it('warns of an endpoint that is down', async () => {
    const [port] = await freePorts(1)
    const soketi = await startSoketi({ node, env: httpDriver(`http://127.0.0.1:${port}`) })
    expect(soketi.output()).toContain(`http://127.0.0.1:${port} does not answer yet`)
  })
})

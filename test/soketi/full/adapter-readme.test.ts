import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { connect, disconnectAll } from '../../../harness/clients.ts'
import { httpDriver, TOKEN } from '../../../harness/local-endpoint.ts'
import { ANY_NODE } from '../../../harness/nodes.ts'
import { freePorts } from '../../../harness/ports.ts'
import { killAll, startSoketi } from '../../../harness/soketi-process.ts'
import { waitUntilAllFollowed } from '../../../harness/start-following.ts'
import { until } from '../../../harness/until.ts'
import { commandOf } from '../../docs/readme.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

let started: ChildProcess | undefined
afterEach(async () => {
  disconnectAll()
  await killAll()
  started?.kill('SIGKILL')
})

describe("the README's commands", () => {
  it('start the endpoint for a soketi, whose clients are closed when their app is disabled', async () => {
    const [port = 0, dynamodbPort = 0] = await freePorts(2)
    const ports = ['--port', String(port), '--dynamodb-port', String(dynamodbPort)]
    // Without npm, which does not forward the signal.
    started = spawn(process.execPath, ['dev/main.js', ...ports], {
      cwd: ROOT,
      env: { ...process.env, LOOKUP_TOKEN: TOKEN },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    started.stdout?.setEncoding('utf8').on('data', (text) => (output += text))
    await until(
      () => output.includes('Ctrl-C stops'),
      30_000,
      () => output,
    )

    const env = httpDriver(`http://127.0.0.1:${port}`, { SOKETI_METRICS_ENABLED: '1' })
    const soketi = await startSoketi({ node: ANY_NODE, env })
    expect(soketi.output()).toMatch(/answers; changes are followed$/m)
    const [client, other] = ['demo-key', 'bare-key'].map((key) => connect(soketi.port, key))
    await Promise.all([client?.connected(), other?.connected()])
    await waitUntilAllFollowed(soketi)

    const [npm = '', ...args] = commandOf('npx soketi-apps disable demo')
      .replace(':8000', `:${dynamodbPort}`)
      .split(' ')
    await promisify(execFile)(npm, args, { cwd: ROOT })
    await until(() => client?.errors.includes(4003), 20_000)
    expect([other?.errors, other?.pusher.connection.state]).toEqual([[], 'connected'])
  }, 90_000)
})

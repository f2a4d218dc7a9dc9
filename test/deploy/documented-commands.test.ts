import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tableTemplate } from '../../dev/table-template.ts'
import { documentedCommands } from './documented-commands.ts'

// Nothing listens on this port, so a valid command ends with a connection error.
const NOWHERE = 'http://127.0.0.1:9'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commands-'))
  await writeFile(join(folder, 'table.json'), JSON.stringify(tableTemplate()))
  await symlink(fileURLToPath(new URL('../../docs', import.meta.url)), join(folder, 'docs'))
})
afterAll(() => rm(folder, { recursive: true }))

/** The output of a command, in a shell without credentials. */
function run(command: string): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
    AWS_ENDPOINT_URL: NOWHERE,
    // With an endpoint, the CLI needs a region even for IAM, which has none.
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_MAX_ATTEMPTS: '1',
    SAM_CLI_TELEMETRY: '0',
  }
  return new Promise((resolve) => {
    execFile('sh', ['-c', command], { cwd: folder, env }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
}

describe('a command of the AWS CLI in the docs', () => {
  it.concurrent.each(documentedCommands('aws'))('$page: $command', async ({ command }) => {
    expect(await run(command)).toMatch(/Could not connect to the endpoint URL|Connection was refused/)
  })

  it('names its region, so that it does not depend on a profile', () => {
    // IAM is global.
    const regional = documentedCommands('aws').filter(({ command }) => !command.startsWith('aws iam '))
    const without = regional.filter(({ command }) => !/ --region \S/.test(command))
    expect(without).toEqual([])
  })
})

describe('a command of the SAM CLI in the docs', () => {
  const commands = documentedCommands('sam').map(({ page, command }) => {
    const [, subcommand = ''] = /^sam ((?:local )?[\w-]+)/.exec(command) ?? []
    return { page, command, subcommand, options: command.match(/(?<= )--[\w-]+/g) ?? [] }
  })

  it.concurrent.each(commands)('$page: $command', async ({ subcommand, options }) => {
    const help = await run(`sam ${subcommand} --help`)
    for (const option of options) expect(help).toMatch(new RegExp(`${option}\\b`))
    expect(help).toContain('Usage: sam')
  })
})

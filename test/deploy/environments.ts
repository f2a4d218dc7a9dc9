import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** An environment of samconfig.toml, as `sam deploy` reads it, and the plain CloudFormation that it deploys. */
export type Environment = {
  readonly region: string | null
  readonly parameters: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly template: object
}

const SAM = findSam()

/** One more environment, with everything on that is off by default. */
const EVERYTHING = {
  DomainName: 'lookup.example.com',
  CertificateId: '01234567-89ab-cdef-0123-456789abcdef',
  HostedZoneId: 'Z0123456789ABCDEFGHIJ',
  LatencyRouting: 'on',
  NoTrafficAlarmMinutes: '15',
  ActiveTracing: 'on',
  AlarmTopicArn: 'arn:aws:sns:us-east-1:123456789012:operators',
  DeploymentPreference: 'Canary10Percent10Minutes',
  PermissionsBoundaryArn: 'arn:aws:iam::123456789012:policy/boundary',
  ReservedConcurrency: '20',
  TableKmsKeyId: 'mrk-1234567890abcdef1234567890abcdef',
}

const TRANSLATE = [
  fileURLToPath(new URL('translate.py', import.meta.url)),
  JSON.stringify({ everything: EVERYTHING }),
]

/** template.yaml translated by SAM's own code for the environments of samconfig.toml, and for `everything` on. */
export const TRANSLATED: Readonly<Record<string, Environment>> = JSON.parse(
  execFileSync(pythonOf(SAM), TRANSLATE, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
)

const { everything: _, ...environments } = TRANSLATED

/** The environments of samconfig.toml. */
export const ENVIRONMENTS = environments

/** Writes the translated templates for the linters into a folder of their own: NAME.json for each environment. */
export async function writeTemplates(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'template-'))
  for (const [name, { template }] of Object.entries(TRANSLATED))
    await writeFile(join(folder, `${name}.json`), JSON.stringify(template, null, 2))
  return folder
}

/** What a linter that is installed beside `sam` (cfn-lint, checkov) says in this folder, and its exit code. */
export function lint(
  linter: string,
  args: readonly string[],
  cwd = '.',
): Promise<{ code: number; says: string }> {
  return new Promise((resolve, reject) => {
    const options = { cwd, maxBuffer: 2 ** 26 }
    const child = execFile(join(dirname(SAM), linter), args, options, (_error, stdout, stderr) => {
      if (child.exitCode === null) reject(new Error(`${linter} did not run: ${stderr}`))
      else resolve({ code: child.exitCode, says: stdout.trim() })
    })
  })
}

function findSam(): string {
  try {
    return execFileSync('sh', ['-c', 'command -v sam'], { encoding: 'utf8' }).trim()
  } catch (cause) {
    throw new Error('These tests need sam, cfn-lint and checkov: pip install aws-sam-cli cfn-lint checkov', {
      cause,
    })
  }
}

/** The Python that a script installed by pip starts with: its first line names it. */
function pythonOf(script: string): string {
  const [, python] = /^#!(\S+)/.exec(readFileSync(script, 'utf8')) ?? []
  if (!python) throw new Error(`${script} does not say which Python it runs on.`)
  return python
}

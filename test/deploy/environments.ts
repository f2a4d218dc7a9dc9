import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runPythonOf } from './python-tools.ts'

/** An environment of samconfig.toml, as `sam deploy` reads it, and the plain CloudFormation that it deploys. */
export type Environment = {
  readonly region: string | null
  readonly parameters: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly template: object
}

/** Another environment, with everything turned on that is off by default. */
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

/** template.yaml translated by SAM's own code for the environments of samconfig.toml, and for `everything` on. */
export const TRANSLATED: Readonly<Record<string, Environment>> = JSON.parse(
  runPythonOf('sam', 'translate.py', [JSON.stringify({ everything: EVERYTHING })]),
)

const { everything: _, ...environments } = TRANSLATED

/** The environments of samconfig.toml. */
export const ENVIRONMENTS = environments

/** Writes the translated templates for the linters into a new folder: NAME.json for each environment. */
export async function writeTemplates(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'template-'))
  for (const [name, { template }] of Object.entries(TRANSLATED))
    await writeFile(join(folder, `${name}.json`), JSON.stringify(template, null, 2))
  return folder
}

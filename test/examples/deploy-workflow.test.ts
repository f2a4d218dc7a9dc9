import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { yamlParse } from 'yaml-cfn'

type Step = {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}
type Job = {
  readonly needs?: string
  readonly permissions: Readonly<Record<string, string>>
  readonly environment: string
  readonly steps: readonly Step[]
}

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
const text = read('examples/github-actions/deploy.yml')
const { jobs }: { jobs: Readonly<Record<string, Job>> } = yamlParse(text)
const regions = [...read('samconfig.toml').matchAll(/^\[((?:\w+-)+\d)\.global\.parameters\]$/gm)].map(
  ([, name]) => name,
)

describe('examples/github-actions/deploy.yml', () => {
  it('has a job for each region of samconfig.toml, one after the other', () => {
    expect(Object.keys(jobs)).toEqual(regions)
    expect(Object.values(jobs).map(({ needs }) => needs)).toEqual([undefined, ...regions.slice(0, -1)])
  })

  it.each(Object.entries(jobs))(
    '%s takes on the role by a token of its own, and asks nobody',
    (_name, job) => {
      expect(job.permissions).toEqual({ contents: 'read', 'id-token': 'write' })
      expect(job.environment).toBe('production')
      expect(job.steps.flatMap(({ run }) => run ?? [])).toEqual([
        'npm ci',
        'sam build --config-env "$GITHUB_JOB"',
        'sam deploy --config-env "$GITHUB_JOB" --no-confirm-changeset --no-fail-on-empty-changeset',
      ])
    },
  )

  it('pins the versions of the actions and of the SAM CLI', () => {
    const steps = Object.values(jobs).flatMap((job) => job.steps)
    for (const { uses } of steps) expect(uses ?? '@'.padEnd(41, '0')).toMatch(/@[0-9a-f]{40}$/)
    const [, version] = /^aws-sam-cli==(.+)$/m.exec(read('.ci/requirements.txt')) ?? []
    const sam = steps.filter(({ uses }) => uses?.startsWith('aws-actions/setup-sam@'))
    for (const step of sam) expect(step.with?.version).toBe(version)
    expect(sam).toHaveLength(regions.length)
  })
})

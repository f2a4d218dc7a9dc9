import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { run } from '../../harness/run-command.ts'
import { readResources, readWidgets } from './watched-metrics.ts'

const ALARM = 'AWS::CloudWatch::Alarm'
/** The alarms that treat missing data as breaching. */
const ABOUT_SILENCE = ['HeartbeatMissing', 'NoTraffic', 'RegionSilent']
const REGIONS = ['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-north-1', 'us-east-2']
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:operators'
/** With all alarms that are off by default. */
const ALL = { NoTrafficAlarmMinutes: '15', HeartbeatRegions: REGIONS.join() }
const alarms = [...readResources(ALARM, ALL)].map(([id, { Properties }]) => ({
  name: id.replace(/\d?Alarm$/, ''),
  id,
  Properties,
}))
const runbook = readFileSync(new URL('../../docs/operate.md', import.meta.url), 'utf8')

describe.each(alarms)('the alarm $id', ({ name, id, Properties }) => {
  it('is named for what it says, in the stack, the dashboard and the runbook', () => {
    const region = REGIONS[Number(/\d/.exec(id)) - 1]
    expect(Properties.AlarmName).toBe(`local-${name}${region === undefined ? '' : `-${region}`}`)
    expect(Properties.AlarmDescription).toMatch(new RegExp(` See ${name} in docs/operate\\.md\\.$`))
    expect(readWidgets(ALL).flatMap(({ properties }) => properties.alarms ?? [])).toContain(`${id}.Arn`)
    expect(runbook).toMatch(new RegExp(`^### ${name}$`, 'm'))
  })

  it('notifies the topic when it starts and when it ends, and has no action without a topic', () => {
    const told = readResources(ALARM, { ...ALL, AlarmTopicArn: TOPIC }).get(id)?.Properties
    expect(told).toMatchObject({ AlarmActions: [TOPIC], OKActions: [TOPIC] })
    expect(Properties).not.toHaveProperty('AlarmActions')
    expect(Properties).not.toHaveProperty('OKActions')
  })
})

describe('an alarm', () => {
  it.each(alarms)(
    '$name is not in alarm while there are no requests, unless it is about that',
    ({ name, Properties }) => {
      const { Threshold, ComparisonOperator, TreatMissingData } = Properties
      const isAboutSilence = ABOUT_SILENCE.includes(name)
      expect(Properties).not.toHaveProperty('InsufficientDataActions')
      expect(TreatMissingData).toBe(isAboutSilence ? 'breaching' : 'notBreaching')
      expect(ComparisonOperator).toMatch(isAboutSilence ? /^LessThanThreshold$/ : /^GreaterThan/)
      expect(Number(Threshold)).toBeGreaterThan(0)
    },
  )
})

describe('the alarm NoTraffic', () => {
  const noTraffic = (minutes: string) =>
    readResources(ALARM, { NoTrafficAlarmMinutes: minutes }).get('NoTrafficAlarm')?.Properties

  it('is in alarm when there was no request for as many minutes as the parameter says', () => {
    expect(noTraffic('15')).toMatchObject({
      Namespace: 'AWS/ApiGateway',
      MetricName: 'Count',
      Statistic: 'Sum',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      Period: 60,
      EvaluationPeriods: '15',
      TreatMissingData: 'breaching',
    })
  })

  it('is off by default, and then on no dashboard', () => {
    expect(noTraffic('0')).toBeUndefined()
    const shown = readWidgets().flatMap(({ properties }) => properties.alarms ?? [])
    expect([...shown].sort()).toEqual([...readResources(ALARM).keys()].map((id) => `${id}.Arn`).sort())
  })
})

describe('the alarm HeartbeatMissing', () => {
  it('starts after five minutes without a heartbeat, with or without requests', () => {
    const alarm = alarms.find(({ name }) => name === 'HeartbeatMissing')
    expect(alarm?.Properties).toMatchObject({
      MetricName: 'FeedLag',
      Statistic: 'SampleCount',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      Period: 60,
      EvaluationPeriods: 5,
      DatapointsToAlarm: 5,
      TreatMissingData: 'breaching',
    })
  })
})

describe('the alarms RegionSilent', () => {
  it('start after five minutes without a heartbeat of their region, one for each region that the parameter names', () => {
    const silent = (regions: readonly string[]) =>
      [...readResources(ALARM, { HeartbeatRegions: regions.join() })].filter(([id]) =>
        id.startsWith('RegionSilent'),
      )
    for (const regions of [[], REGIONS.slice(0, 1), REGIONS])
      expect(silent(regions).map(([, { Properties }]) => Properties)).toMatchObject(
        regions.map((region) => ({
          AlarmName: `local-RegionSilent-${region}`,
          MetricName: 'ReplicatedHeartbeatAge',
          Dimensions: [
            { Name: 'service', Value: 'local' },
            { Name: 'region', Value: region },
          ],
          Statistic: 'SampleCount',
          ComparisonOperator: 'LessThanThreshold',
          Threshold: 1,
          Period: 60,
          EvaluationPeriods: 5,
          DatapointsToAlarm: 5,
          TreatMissingData: 'breaching',
        })),
      )
  })
})

describe('a stack without a change feed', () => {
  it('has none of its alarms and widgets, but a dashboard', () => {
    const off = { ...ALL, ChangeFeed: 'off' }
    const feed = ['ChangesDelayed', 'ChangesFailing', 'HeartbeatMissing', 'RegionSilent']
    expect([...readResources(ALARM, off).keys()]).toEqual(
      alarms.filter(({ name }) => !feed.includes(name)).map(({ id }) => id),
    )
    const shown = JSON.stringify(readWidgets(off))
    for (const name of [...feed, 'RecordChanges']) expect(shown).not.toContain(name)
  })

  it('is not in alarm because of polls that get feed-unavailable', () => {
    const alarm = readResources(ALARM).get('ServerErrorsAlarm')?.Properties.Metrics as Record<
      string,
      unknown
    >[]
    expect(alarm[0]?.Expression).toBe('100 * (errors - FILL(noFeed, 0)) / requests')
    expect(alarm.find(({ Id }) => Id === 'noFeed')).toMatchObject({
      MetricStat: { Metric: { MetricName: 'FeedUnavailable' } },
    })
  })
})

describe('the runbook', () => {
  it('has only alarms of the template', () => {
    const [, section = ''] = /^## The runbook$(.*?)(?=^## |(?![\s\S]))/ms.exec(runbook) ?? []
    const headings = [...section.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading)
    expect(headings.sort()).toEqual([...new Set(alarms.map(({ name }) => name))].sort())
  })
})

describe('the dashboard', () => {
  it('is one for each region of a stack', () => {
    const [dashboard] = readResources('AWS::CloudWatch::Dashboard').values()
    expect(dashboard?.Properties.DashboardName).toBe('local-us-east-1')
  })

  it('shows the table in its own region', () => {
    const parameters = { TableOwnership: 'existing', TableRegion: 'eu-west-1' }
    const regions = Object.fromEntries(
      readWidgets(parameters).map(({ properties }) => [properties.title, properties.region]),
    )
    expect(regions).toMatchObject({ 'The table': 'eu-west-1', 'Time, ms': 'us-east-1' })
  })

  it('has the commands that rotate a secret in its table', async () => {
    const widgets = readWidgets({
      TableName: 'tenants',
      TableRegion: 'eu-west-1',
      TableOwnership: 'existing',
    })
    const text = widgets.find(({ type }) => type === 'text')?.properties.markdown ?? ''
    const commands = [...text.matchAll(/`npx soketi-apps (.+)`/g)].map(([, command = '']) => command)
    expect(commands).toEqual([
      'rotate-secret ID --table tenants --region eu-west-1',
      'rotate-secret ID --now --table tenants --region eu-west-1',
    ])
    for (const command of commands) expect((await run([...command.split(' '), '--help'])).code).toBe(0)
  })

  it('has no widget that overlaps another or is too wide', () => {
    const taken = new Set<string>()
    for (const { x, y, width, height, properties } of readWidgets()) {
      expect(x + width, properties.title).toBeLessThanOrEqual(24)
      for (let column = x; column < x + width; column++)
        for (let row = y; row < y + height; row++) {
          expect(taken.has(`${column},${row}`), properties.title).toBe(false)
          taken.add(`${column},${row}`)
        }
    }
  })
})

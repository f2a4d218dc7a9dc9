import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readResources } from './watched-metrics.ts'

// https://aws.amazon.com/cloudwatch/pricing/
const ALARM_METRIC = 0.1
const DASHBOARD = 3

const page = readFileSync(new URL('../../docs/operate.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ')

describe('docs/operate.md', () => {
  it('has the price of all alarms, of which each metric counts, and of the dashboard', () => {
    const alarms = [...readResources('AWS::CloudWatch::Alarm', { NoTrafficAlarmMinutes: '15' }).values()]
    const metrics = alarms
      .map(({ Properties: { Metrics = [{ MetricStat: true }] } }) => Metrics as { MetricStat?: unknown }[])
      .flatMap((queries) => queries.filter(({ MetricStat }) => MetricStat))
    expect(readResources('AWS::CloudWatch::Dashboard').size).toBe(1)
    expect(page).toContain(
      `${alarms.length} alarms (${metrics.length} metrics) cost ${(metrics.length * ALARM_METRIC).toFixed(2)} USD a month, its dashboard ${DASHBOARD.toFixed(2)} USD`,
    )
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { PRICES } from '../../bench/scale/prices.ts'
import { readConfig } from '../../functions/config.ts'
import { createMetrics } from '../../functions/telemetry/metrics.ts'
import { readResources } from './watched-metrics.ts'

// https://aws.amazon.com/cloudwatch/pricing/
const ALARM_METRIC = 0.1
const METRIC = 0.3
const DASHBOARD = 3
const MINUTES_A_MONTH = 43_800

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

  it("has the price of a region's heartbeat: a metric, an alarm, and a line each minute", () => {
    let bytes = 0
    const metrics = createMetrics(readConfig({}), (line) => {
      bytes += line.length + 26
    })
    metrics.writeHeartbeatAge('ap-southeast-2', 61_234.5)
    const logs = (MINUTES_A_MONTH * bytes * PRICES.logGb) / 1e9
    const [metric, alarm, lines] = [METRIC, ALARM_METRIC, logs].map((price) => `${price.toFixed(2)} USD`)
    expect(page).toContain(
      `costs ${metric} for its metric, ${alarm} for its alarm, and ${lines} for its lines`,
    )
  })
})

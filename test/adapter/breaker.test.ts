import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Breaker, createBreaker, type ProbeResult } from '../../adapter/lookup/endpoint/breaker.ts'
import { nodeTimers } from '../../adapter/lookup/timers.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const failing: ProbeResult = { state: 'failing', reason: 'ECONNREFUSED' }
const answering: ProbeResult = { state: 'answering' }

/** A breaker whose probes take `tookMs` and find `result`. */
function create(result: ProbeResult = failing, tookMs = 0) {
  const probedAt: number[] = []
  const lines: string[] = []
  const region = { result, tookMs, recoveries: 0 }
  const breaker = createBreaker({
    origin: 'https://near.example',
    clock: Date.now,
    timers: nodeTimers,
    random: Math.random,
    log: (level, message) => lines.push(`${level} ${message}`),
    onChange: (answers) => {
      if (answers) region.recoveries += 1
    },
    probe: async () => {
      probedAt.push(Date.now())
      const found = region.result
      if (region.tookMs > 0) await new Promise((resolve) => setTimeout(resolve, region.tookMs))
      return found
    },
  })
  return { breaker, region, probedAt, lines }
}
const gaps = (times: readonly number[]) => times.slice(1).map((at, i) => at - (times[i] ?? at))
const open = async (breaker: Breaker) => {
  breaker.recordFailure()
  await vi.advanceTimersByTimeAsync(0)
  expect(breaker.state()).toBe('failing')
}

describe('a circuit breaker', () => {
  it('opens only when its own probe fails', async () => {
    const { breaker, region, probedAt } = create(answering)
    for (let i = 0; i < 100; i += 1) breaker.recordFailure()
    await vi.advanceTimersByTimeAsync(10)
    expect(breaker.state()).toBe('answering')
    expect(probedAt).toHaveLength(1)
    region.result = failing
    breaker.recordFailure()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(breaker.state()).toBe('failing')
  })

  it('stays closed when lookups succeed while the probe fails', async () => {
    const { breaker } = create(failing, 100)
    breaker.recordFailure()
    await vi.advanceTimersByTimeAsync(50)
    breaker.recordSuccess()
    await vi.advanceTimersByTimeAsync(100)
    expect(breaker.state()).toBe('answering')
  })

  it('does not probe a region whose requests succeed', async () => {
    const { probedAt } = create()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(probedAt).toEqual([])
  })

  it('probes at least every half second while a caller waits, but not before a Retry-After', async () => {
    const { breaker, region, probedAt } = create()
    await open(breaker)
    await vi.advanceTimersByTimeAsync(60_000)
    probedAt.length = 0
    const wait = async (ms: number) => {
      for (let waited = 0; waited < ms; waited += 500) {
        breaker.probeSoon()
        await vi.advanceTimersByTimeAsync(500)
      }
    }
    await wait(10_000)
    expect(Math.max(...gaps(probedAt))).toBeLessThanOrEqual(500)
    region.result = { ...failing, retryAfterMs: 2_000 }
    await wait(1_000)
    probedAt.length = 0
    await wait(10_000)
    expect(Math.min(...gaps(probedAt))).toBeGreaterThanOrEqual(2_000)
  })

  it('probes every half second, ± 50 %, for 30 s, then every 5 s', async () => {
    const { breaker, probedAt } = create()
    await open(breaker)
    await vi.advanceTimersByTimeAsync(30_000)
    const soon = gaps(probedAt)
    expect(Math.min(...soon)).toBeGreaterThanOrEqual(250)
    expect(Math.max(...soon)).toBeLessThanOrEqual(750)
    expect(new Set(soon.map(Math.round)).size).toBeGreaterThan(10)

    const before = probedAt.length
    await vi.advanceTimersByTimeAsync(120_000)
    const later = gaps(probedAt.slice(before))
    expect(Math.min(...later)).toBeGreaterThanOrEqual(2_500)
    expect(Math.max(...later)).toBeLessThanOrEqual(7_500)
  })

  it('sends more probes while one hangs, and the first response closes it', async () => {
    const { breaker, region, probedAt } = create(failing, 3_000)
    breaker.recordFailure()
    await vi.advanceTimersByTimeAsync(3_000)
    expect(breaker.state()).toBe('failing')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(probedAt.length).toBeGreaterThan(2)
    region.result = answering
    region.tookMs = 5
    await vi.advanceTimersByTimeAsync(755)
    expect(breaker.state()).toBe('answering')
    expect(region.recoveries).toBe(1)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(breaker.state()).toBe('answering')
  })

  it('waits for as long as Retry-After says', async () => {
    const { breaker, probedAt } = create({ state: 'failing', reason: 'status 503', retryAfterMs: 4_000 })
    await open(breaker)
    expect(breaker.nextProbeInMs()).toBe(4_000)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(Math.min(...gaps(probedAt))).toBeGreaterThanOrEqual(4_000)
  })

  it('logs once a minute that the token is rejected, and probes every 5 s', async () => {
    const { breaker, probedAt, lines } = create({ state: 'denied' })
    breaker.recordFailure()
    await vi.advanceTimersByTimeAsync(59_000)
    expect(breaker.state()).toBe('denied')
    expect(Math.min(...gaps(probedAt))).toBeGreaterThanOrEqual(2_500)
    expect(lines).toEqual(['error https://near.example rejects the token'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lines).toHaveLength(2)
  })

  it('logs each change once', async () => {
    const { breaker, region, lines } = create()
    await open(breaker)
    await vi.advanceTimersByTimeAsync(10_000)
    region.result = answering
    await vi.advanceTimersByTimeAsync(1_000)
    expect(lines[0]).toBe('warn https://near.example is not answering (ECONNREFUSED); trying again')
    expect(lines[1]).toMatch(/^info https:\/\/near.example answers again after 1[01] s$/)
    expect(lines).toHaveLength(2)
  })

  it('notifies waiting lookups as soon as a probe that started later has ended', async () => {
    const { breaker, region } = create(failing, 100)
    breaker.recordFailure()
    await vi.advanceTimersByTimeAsync(100)
    const verdicts: boolean[] = []
    void breaker.nextVerdict().then((verdict) => verdicts.push(verdict))
    await vi.advanceTimersByTimeAsync(850)
    expect(verdicts).toEqual([false])
    region.result = answering
    void breaker.nextVerdict().then((verdict) => verdicts.push(verdict))
    await vi.advanceTimersByTimeAsync(850)
    expect(verdicts).toEqual([false, true])
    await expect(breaker.nextVerdict()).resolves.toBe(true)
  })

  it('does not notify waiting lookups of the result of an earlier probe', async () => {
    const { breaker, region, probedAt } = create()
    await open(breaker)
    region.tookMs = 200
    await vi.advanceTimersToNextTimerAsync()
    expect(probedAt).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1)
    const verdicts: boolean[] = []
    void breaker.nextVerdict().then((verdict) => verdicts.push(verdict))
    await vi.advanceTimersByTimeAsync(200)
    expect(verdicts).toEqual([])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(verdicts).toEqual([false])
  })

  it('that is shut down sends no probes and keeps no lookup waiting', async () => {
    const { breaker, probedAt } = create()
    await open(breaker)
    const verdict = breaker.nextVerdict()
    breaker.close()
    await expect(verdict).resolves.toBe(false)
    const before = probedAt.length
    breaker.recordFailure()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(probedAt).toHaveLength(before)
  })
})

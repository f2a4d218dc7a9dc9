import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRateLimiter, type LookupHints } from '../../adapter/lookup/rate-limiter.ts'
import { nodeTimers } from '../../adapter/lookup/timers.ts'

const PER_SECOND = 50

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A limiter in virtual time, and when each name was admitted or rejected, in ms after the request. */
function start(lookupsPerSecond = PER_SECOND) {
  const limiter = createRateLimiter({ lookupsPerSecond, clock: () => Date.now(), timers: nodeTimers })
  const admitted = new Map<string, number>()
  const rejected = new Map<string, number>()
  const ask = async (name: string, hints?: LookupHints): Promise<boolean> => {
    const askedAt = Date.now()
    const isAdmitted = await limiter.admit(name, hints, 4_000)
    const results = isAdmitted ? admitted : rejected
    results.set(name, Date.now() - askedAt)
    return isAdmitted
  }
  let made = 0
  const askMany = (count: number, hints?: LookupHints, prefix = 'made-up') => {
    for (let i = 0; i < count; i += 1) void ask(`${prefix}-${made++}`, hints)
  }
  /** Requests for made-up names, evenly over this time. */
  const flood = async (perSecond: number, ms: number, hints?: LookupHints) => {
    for (let passed = 0; passed < ms; passed += 10) {
      askMany(perSecond / 100, hints)
      await vi.advanceTimersByTimeAsync(10)
    }
  }
  return { limiter, admitted, rejected, ask, askMany, flood }
}

/** The same for ten a second, with an empty bucket. */
async function startEmpty() {
  const started = start(10)
  await drain(started)
  return started
}

/** Uses a full bucket of ten. */
async function drain({ askMany, admitted }: Pick<ReturnType<typeof start>, 'askMany' | 'admitted'>) {
  askMany(10, { isSigned: true })
  await pass(0)
  admitted.clear()
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const median = (values: Iterable<number>) => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

describe('the rate limiter of unknown names', () => {
  it('admits its rate per second, keeps as many waiting as it can admit in 2 s, and rejects the rest at once', async () => {
    const { admitted, rejected, askMany } = start()
    askMany(250)
    await pass(0)
    expect(admitted.size).toBe(37)
    expect(rejected.size).toBe(113)
    await pass(500)
    expect(admitted.size).toBe(37 + 25)
    await pass(1_510)
    expect(admitted.size).toBe(37 + 100)
    expect(rejected.size).toBe(113)
    expect(Math.max(...admitted.values())).toBeLessThanOrEqual(2_000)
  })

  it('has a full bucket after one second without requests, and no more after an hour', async () => {
    const { admitted, askMany } = start()
    askMany(200, { isSigned: true })
    await pass(0)
    expect(admitted.size).toBe(50)
    await pass(3_600_000)
    askMany(200, { isSigned: true })
    const before = admitted.size
    await pass(0)
    expect(admitted.size - before).toBe(50)
  })

  it.each<[string, LookupHints, LookupHints]>([
    ['a signed request before one that tells nothing', { isSigned: true }, {}],
    ['one that tells nothing before an unsigned request', {}, { isSigned: false }],
    ['a quiet source before one that tells nothing', { source: '192.0.2.1' }, {}],
  ])('admits %s', async (_, first, second) => {
    const { admitted, ask } = await startEmpty()
    void ask('second', second)
    void ask('first', first)
    await pass(1_000)
    expect([...admitted.keys()]).toEqual(['first', 'second'])
  })

  it.each(['x'.repeat(65), '../../etc/passwd', '%00', ''])('admits a usual name before %j', async (odd) => {
    const { admitted, ask } = await startEmpty()
    void ask(odd)
    void ask('app-1')
    await pass(1_000)
    expect([...admitted.keys()]).toEqual(['app-1', odd])
  })

  it('admits retried names first, because clients retry', async () => {
    const { admitted, ask, askMany } = await startEmpty()
    askMany(20)
    expect(await ask('app')).toBe(false)
    void ask('app')
    await pass(1_000)
    expect([...admitted.keys()].at(0)).toBe('app')
  })

  it('admits names of several requests first, however many there are', async () => {
    const { limiter, admitted, ask } = await startEmpty()
    for (const name of ['one', 'two', 'many']) void ask(name)
    limiter.askAgain('two')
    for (let i = 0; i < 10; i += 1) limiter.askAgain('many')
    limiter.askAgain('nobody asked for this')
    await pass(1_000)
    expect([...admitted.keys()]).toEqual(['two', 'many', 'one'])
  })

  it('gives a source with many names a low priority until it has paused for a while', async () => {
    const started = await startEmpty()
    const { admitted, ask, askMany } = started
    askMany(30, { source: 'loud' })
    await pass(5_000)
    await drain(started)
    void ask('loud', { source: 'loud' })
    void ask('quiet', { source: 'quiet' })
    await pass(1_000)
    expect([...admitted.keys()]).toEqual(['quiet', 'loud'])

    await pass(10_000)
    await drain(started)
    void ask('nobody')
    void ask('loud-no-more', { source: 'loud' })
    await pass(1_000)
    expect([...admitted.keys()]).toEqual(['loud-no-more', 'nobody'])
  })

  it('admits the lowest priority when nothing else waits, even at one lookup per second', async () => {
    const { ask } = start(1)
    for (let i = 0; i < 3; i += 1) {
      expect(await ask(`../${i}`, { isSigned: false })).toBe(true)
      await pass(1_000)
    }
  })

  it('rejects all waiting names when it is closed', async () => {
    const { limiter, rejected, ask } = await startEmpty()
    void ask('waiting')
    limiter.close()
    await pass(0)
    expect([...rejected.keys()]).toEqual(['waiting'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([200, 1_000])(
    'admits 60 new apps at once during %d unsigned requests a second for made-up names',
    async (perSecond) => {
      const { admitted, rejected, askMany, flood } = start()
      await flood(perSecond, 5_000, { source: 'proxy', isSigned: false })
      askMany(60, { source: 'proxy' }, 'app')
      await flood(perSecond, 2_000, { source: 'proxy', isSigned: false })
      const waits = [...admitted].filter(([name]) => name.startsWith('app')).map(([, ms]) => ms)
      expect(waits).toHaveLength(60)
      expect([...rejected.keys()].filter((name) => name.startsWith('app'))).toEqual([])
      expect(median(waits)).toBeLessThan(300)
      // Made-up names are looked up too, whenever there is room.
      expect(admitted.size).toBeGreaterThan(300)
    },
  )

  it('admits an app at the second attempt during 1,000 similar requests a second', async () => {
    const { ask, flood } = start()
    await flood(1_000, 2_000)
    const attempts: boolean[] = []
    const client = async () => {
      while (!attempts.at(-1)) {
        attempts.push(await ask('app'))
        await new Promise((resolve) => setTimeout(resolve, 1_000))
      }
    }
    void client()
    await flood(1_000, 3_000)
    expect(attempts).toEqual([false, true])
  })

  it('never exceeds its rate, and keeps no name waiting longer than 4 s, for any input', async () => {
    const arrival = fc.record({
      afterMs: fc.integer({ min: 0, max: 400 }),
      count: fc.integer({ min: 1, max: 80 }),
      source: fc.constantFrom(undefined, 'a', 'b'),
      isSigned: fc.constantFrom(undefined, true, false),
      prefix: fc.constantFrom('app', '../'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { maxLength: 20 }), async (arrivals) => {
        const startedAt = Date.now()
        const { admitted, rejected, askMany } = start()
        let asked = 0
        for (const { afterMs, count, prefix, ...hints } of arrivals) {
          await pass(afterMs)
          askMany(count, hints, prefix)
          asked += count
          await pass(0)
          expect(admitted.size).toBeLessThanOrEqual(PER_SECOND * (1 + (Date.now() - startedAt) / 1000))
        }
        await pass(4_000)
        expect(admitted.size + rejected.size).toBe(asked)
        for (const ms of [...admitted.values(), ...rejected.values()]) expect(ms).toBeLessThanOrEqual(4_000)
      }),
    )
  })
})

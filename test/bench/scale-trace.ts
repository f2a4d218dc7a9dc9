import { vi } from 'vitest'
import { type Load, zipf } from '../../bench/scale/load.ts'
import { type Counts, createFunctions, createNode } from './scale-stack.ts'

/** A random number generator with a seed: https://github.com/cprosche/mulberry32 */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Drives the real caches through some seconds of fake time, after as many to warm up as given, and counts requests
 * and reads a second. `Date` must be fake.
 */
export async function runTrace(load: Load, warmUp: number, seconds: number): Promise<Counts> {
  const random = createRandom(1)
  const counts: Counts = { lookups: 0, lookupReads: 0, rechecks: 0, recheckReads: 0 }
  const shares = zipf(load.apps, load.zipfExponent).flatMap(({ count, share }) =>
    Array<number>(count).fill(share),
  )
  const apps = shares.map((_, i) => ({ id: `id-${i}`, key: `key-${i}`, secret: 'made-up', enabled: true }))
  const answer = createFunctions(load, apps, counts)
  const ends = shares.map((_, i) => shares.slice(0, i + 1).reduce((sum, share) => sum + share))
  const pick = () => {
    const place = random()
    return apps[ends.findIndex((end) => place < end)]
  }
  const nodes = Array.from({ length: load.nodes }, () => {
    const sockets = load.socketsPerLookup * load.lookupsPerSecond
    const live = apps.filter((_, i) => random() < 1 - Math.exp(-sockets * (shares[i] ?? 0)))
    const ids = load.rechecks ? live.map(({ id }) => id) : []
    return { ...createNode(load, answer), ids, nextRecheck: random() * load.recheckInterval }
  })
  const lookUp = async () => {
    const node = nodes[Math.floor(random() * nodes.length)]
    const app = pick()
    if (random() < load.missShare)
      await node?.find('key', `missing-${Math.floor(random() * load.missingApps)}`)
    else if (random() < load.idShare) await node?.find('id', app?.id ?? '')
    else await node?.find('key', app?.key ?? '')
    await node?.settle()
  }
  const startedAt = Date.now()
  let nextLookup = 0
  let warm: Counts | undefined
  for (;;) {
    const due = nodes.reduce((first, node) => (node.nextRecheck < first.nextRecheck ? node : first))
    const at = Math.min(nextLookup, due.nextRecheck)
    if (at > warmUp) warm ??= { ...counts }
    if (at > warmUp + seconds) break
    vi.setSystemTime(startedAt + at * 1000)
    if (due.nextRecheck === at) {
      // As adapter/soketi/live-apps.ts does, so that nodes don't stay in step.
      due.nextRecheck += load.recheckInterval * (0.9 + random() * 0.2)
      await due.recheck(due.ids)
      await due.settle()
    } else {
      nextLookup += -Math.log(1 - random()) / (load.nodes * load.lookupsPerSecond)
      await lookUp()
    }
  }
  const perSecond = (name: keyof Counts) => (counts[name] - (warm?.[name] ?? 0)) / seconds
  return {
    lookups: perSecond('lookups'),
    lookupReads: perSecond('lookupReads'),
    rechecks: perSecond('rechecks'),
    recheckReads: perSecond('recheckReads'),
  }
}

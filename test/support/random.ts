/** Random numbers that are the same for the same seed. */
export type Random = {
  /** From 0 up to, not including, 1. */
  next(): number
  between(min: number, max: number): number
  whole(min: number, max: number): number
  chance(probability: number): boolean
  pick<T>(from: readonly T[]): T
  /** An independent sequence, which does not depend on how many numbers are drawn elsewhere. */
  fork(name: string): Random
}

export function createRandom(seed: number | string): Random {
  const next = splitMix32(typeof seed === 'number' ? seed : hashOf(seed))
  const whole = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    between: (min, max) => min + next() * (max - min),
    whole,
    chance: (probability) => next() < probability,
    pick(from) {
      const picked = from[whole(0, from.length - 1)]
      if (picked === undefined) throw new Error('nothing to pick from')
      return picked
    },
    fork: (name) => createRandom(`${seed}/${name}`),
  }
}

/** SplitMix of 32 bits: https://doi.org/10.1145/2714064.2660195 */
function splitMix32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

/** FNV-1a of 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

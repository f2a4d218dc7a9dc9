/** Random numbers that a seed repeats: https://github.com/cprosche/mulberry32 */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** From 0 to 1. */
  readonly number = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  between(least: number, most: number): number {
    return least + this.number() * (most - least)
  }

  chance(probability: number): boolean {
    return this.number() < probability
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.number() * choices.length)]
    if (choice === undefined) throw new Error('nothing to pick from')
    return choice
  }
}

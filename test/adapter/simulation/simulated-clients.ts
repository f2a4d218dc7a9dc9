import type { Random } from '../../support/random.ts'
import type { VirtualTime } from '../../support/virtual-time.ts'
import type { SimulatedNode } from './simulated-node.ts'
import type { Writers } from './writers.ts'

/** The clients of one node: they look up apps that exist, existed or never existed, and some keep sockets open. */
export class SimulatedClients {
  readonly #node: SimulatedNode
  readonly #writers: Writers
  readonly #random: Random
  readonly #gapMs: number

  constructor(node: SimulatedNode, writers: Writers, random: Random) {
    this.#node = node
    this.#writers = writers
    this.#random = random
    this.#gapMs = random.between(2_000, 8_000)
  }

  start(time: VirtualTime, endsAt: number): void {
    time.after(this.#gapMs * this.#random.between(0.1, 1.9), () => {
      if (time.now >= endsAt) return
      this.#act()
      this.start(time, endsAt)
    })
  }

  #act(): void {
    const { chance, whole, pick } = this.#random
    for (let i = whole(1, 4); i > 0; i -= 1) this.#lookUp()
    this.#node.judgeFollowing()
    if (chance(0.1)) void this.#node.connect(this.#writers.anyKey())
    if (chance(0.1)) this.#node.judgeSockets()
    const open = [...this.#node.sockets.keys()]
    if (open.length > 0 && chance(0.02)) this.#node.sockets.delete(pick(open))
  }

  #lookUp(): void {
    if (this.#random.chance(0.4)) void this.#node.find('id', this.#writers.anyId())
    else void this.#node.find('key', this.#writers.anyKey())
  }
}

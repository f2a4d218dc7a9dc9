import { fileURLToPath } from 'node:url'

/** A Node that soketi runs on, with the soketi beside it whose uWebSockets.js has a binary for it. */
export type SoketiNode = {
  readonly name: string
  readonly stack: string
  readonly bin: string
  readonly soketi: string
}

const STACKS: Readonly<Record<string, string>> = { 16: 'uws-20.10', 18: 'uws-20.10', 20: 'uws-20.30' }

/** The Nodes to test on: Node 20 in the quick run, otherwise all, or those that `SOKETI_NODES` lists. */
export const NODES: readonly SoketiNode[] = (
  process.env.SOKETI_NODES ?? (process.env.SOKETI_TESTS === 'quick' ? '20' : '20,16,18')
)
  .split(',')
  .map((major) => {
    const stack = STACKS[major]
    if (!stack) throw new Error(`SOKETI_NODES: there is no Node ${major} here, only ${Object.keys(STACKS)}.`)
    const modules = fileURLToPath(new URL(`.installed/${stack}/node_modules/`, import.meta.url))
    return {
      name: `Node ${major}`,
      stack,
      bin: `${modules}node-${major}/bin/node`,
      soketi: `${modules}@soketi/soketi/`,
    }
  })

/** The first of them, for what does not depend on the Node. */
export const [ANY_NODE = unreachable()] = NODES

/** The adapter as it is shipped. */
export const ADAPTER_FILE =
  process.env.SOKETI_ADAPTER_FILE ?? fileURLToPath(new URL('../adapter/register.cjs', import.meta.url))

function unreachable(): never {
  throw new Error('SOKETI_NODES lists no Node.')
}

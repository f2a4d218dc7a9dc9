import { fileURLToPath } from 'node:url'

/** A soketi and the Node that it runs on. */
export type SoketiNode = {
  readonly name: string
  /** The stacks that have to be installed for it. */
  readonly stacks: readonly string[]
  readonly bin: string
  readonly soketi: string
  /** The packages that this soketi finds. */
  readonly modules: string
}

/** The stack that has each Node, with the newest soketi and a uWebSockets.js that has a binary for that Node. */
const STACKS: Readonly<Record<string, string>> = { 16: 'uws-20.10', 18: 'uws-20.10', 20: 'uws-20.30' }

/** The stack that has the older soketis, for the Nodes of `uws-20.10`. */
const OLDER = 'older'

const isQuick = process.env.SOKETI_TESTS === 'quick'

/**
 * The newest soketi on each Node: on Node 20 in the quick run, otherwise on all, or on those that `SOKETI_NODES` lists. A
 * Node in that list may have an older soketi: `16/1.4.0`.
 */
export const NODES: readonly SoketiNode[] = (process.env.SOKETI_NODES ?? (isQuick ? '20' : '20,16,18'))
  .split(',')
  .map(nodeOf)

/** {@link NODES} and, in the full run, every older soketi that the adapter supports, for tests that depend on its code. */
export const NODES_AND_OLDER_SOKETIS: readonly SoketiNode[] =
  isQuick || process.env.SOKETI_NODES
    ? NODES
    : [...NODES, ...['16/1.4.0', '18/1.5.0', '16/1.6.0'].map(nodeOf)]

/** The first of {@link NODES}, for tests that do not depend on the version of Node. */
export const [ANY_NODE = unreachable()] = NODES

/** A Node that is too old for the adapter, and a soketi that runs on it. */
export const NODE_14: SoketiNode = {
  name: 'Node 14',
  stacks: [OLDER],
  bin: `${modulesOf(OLDER)}node-14/bin/node`,
  ...soketiIn(OLDER, 'soketi-1.6.0'),
}

/** The adapter as it is shipped. */
export const ADAPTER_FILE =
  process.env.SOKETI_ADAPTER_FILE ?? fileURLToPath(new URL('../adapter/register.cjs', import.meta.url))

function nodeOf(wanted: string): SoketiNode {
  const [major = '', version] = wanted.split('/')
  const stack = STACKS[major]
  if (!stack) throw new Error(`SOKETI_NODES: there is no Node ${major} here, only ${Object.keys(STACKS)}.`)
  const bin = `${modulesOf(stack)}node-${major}/bin/node`
  if (!version) return { name: `Node ${major}`, stacks: [stack], bin, ...soketiIn(stack, '@soketi/soketi') }
  const name = `Node ${major} with soketi ${version}`
  return { name, stacks: [stack, OLDER], bin, ...soketiIn(OLDER, `soketi-${version}`) }
}

function soketiIn(stack: string, folder: string): Pick<SoketiNode, 'soketi' | 'modules'> {
  return { soketi: `${modulesOf(stack)}${folder}/`, modules: modulesOf(stack) }
}

function modulesOf(stack: string): string {
  return fileURLToPath(new URL(`.installed/${stack}/node_modules/`, import.meta.url))
}

function unreachable(): never {
  throw new Error('SOKETI_NODES lists no Node.')
}

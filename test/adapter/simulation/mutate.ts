import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { build, type Plugin } from 'esbuild'
import type { Mutation } from './mutations.ts'
import type { Subject } from './simulated-node.ts'

const ENTRY = new URL('../../../adapter/lookup/lookup.ts', import.meta.url).pathname

/** The adapter with a broken rule: its sources, with one text replaced. */
export async function mutate(mutation: Mutation): Promise<Subject> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    plugins: [patch(mutation)],
  })
  const module = { exports: {} as Subject }
  const run = new Function('module', 'exports', 'require', outputFiles[0]?.text ?? '')
  run(module, module.exports, createRequire(import.meta.url))
  return module.exports
}

function patch({ rule, file, find, replace }: Mutation): Plugin {
  return {
    name: 'mutation',
    setup({ onLoad }) {
      onLoad({ filter: /adapter\/lookup\/.+\.ts$/ }, async ({ path }) => {
        if (basename(path) !== file) return undefined
        const source = await readFile(path, 'utf8')
        if (source.split(find).length !== 2)
          throw new Error(`${file} does not have this text once, by which "${rule}" is broken: ${find}`)
        return { contents: source.replace(find, () => replace), loader: 'ts' }
      })
    },
  }
}

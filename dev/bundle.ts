import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Metafile } from 'esbuild'
import { type BuildProperties, readStack, type StackFunction } from './stack.ts'

/** A function as it ships to Lambda. */
export type Bundle = {
  readonly name: string
  /** The path of the bundled file. */
  readonly file: string
  readonly bytes: number
  /** The packages in it; this project's own files are not among them. */
  readonly packages: readonly string[]
  /** How many source files it is made of. */
  readonly modules: number
}

/**
 * Bundles the template's functions into `directory`, as `sam build` does: the same program with the same flags,
 * from the same `BuildProperties`.
 *
 * @param maps whether external source maps are written beside the bundles, which are the same bytes
 */
export async function bundleFunctions(directory: string, { maps = false } = {}): Promise<readonly Bundle[]> {
  return Promise.all(readStack({}).functions.map((spec) => bundleFunction(spec, directory, maps)))
}

async function bundleFunction(
  { name, entry, buildProperties }: StackFunction,
  directory: string,
  maps: boolean,
): Promise<Bundle> {
  const metafile = join(directory, `${name}.meta.json`)
  const extra = [`--metafile=${metafile}`, '--log-level=warning', ...(maps ? ['--sourcemap=external'] : [])]
  await esbuild([...flagsOf(buildProperties, join(directory, name)), ...extra], new URL('./', entry))
  const { outputs }: Metafile = JSON.parse(await readFile(metafile, 'utf8'))
  const { bytes, inputs } = only(Object.values(outputs).filter(({ entryPoint }) => entryPoint))
  const modules = Object.keys(inputs).filter((path) => (inputs[path]?.bytesInOutput ?? 0) > 0)
  const file = join(directory, name, basename(entry.pathname).replace(/\.ts$/, '.mjs'))
  return { name, file, bytes, packages: packagesOf(modules), modules: modules.length }
}

function only<T>(values: readonly T[]): T {
  const [value, ...others] = values
  if (value === undefined || others.length > 0) throw new Error('A function must have one entry point.')
  return value
}

/**
 * The flags that `sam build` makes of BuildProperties.
 * https://github.com/aws/aws-lambda-builders/blob/develop/aws_lambda_builders/workflows/nodejs_npm_esbuild/esbuild.py
 */
export function flagsOf({ EntryPoints, ...properties }: BuildProperties, outDirectory: string): string[] {
  const flags = Object.entries(properties).flatMap(([property, value]) => {
    const flag = `--${property.replace(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase()}`
    if (Array.isArray(value)) return value.map((item) => `${flag}:${item}`)
    return value === true ? [flag] : value === false ? [] : [`${flag}=${value}`]
  })
  return [...flags, ...EntryPoints, '--bundle', '--platform=node', `--outdir=${outDirectory}`]
}

const ESBUILD = fileURLToPath(new URL('../node_modules/.bin/esbuild', import.meta.url))

/** Runs esbuild in a folder. @throws {Error} with what esbuild says of the build. */
export async function esbuild(flags: readonly string[], folder: URL): Promise<void> {
  await promisify(execFile)(ESBUILD, flags, { cwd: folder })
}

function packagesOf(modules: readonly string[]): readonly string[] {
  const names = modules.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])
  return [...new Set(names)].sort()
}

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Metafile } from 'esbuild'
import { type BuildProperties, readStack } from './stack.ts'

/** The bundle of a function, as it is deployed. */
export type Bundle = {
  readonly name: string
  /** The path of the bundled file. */
  readonly file: string
  readonly bytes: number
  /** The npm packages in it. */
  readonly packages: readonly string[]
  /** The number of source files in it. */
  readonly modules: number
}

/**
 * Bundles the template's functions into `directory`, as `sam build` does: the same program with the same flags,
 * from the same `BuildProperties`.
 *
 * @param maps whether to write external source maps too; the bundles stay the same
 */
export async function bundleFunctions(directory: string, { maps = false } = {}): Promise<readonly Bundle[]> {
  const flags = maps ? ['--sourcemap=external'] : []
  return Promise.all(
    readStack({}).functions.map(({ name, entry, buildProperties }) =>
      bundle({ name, folder: new URL('./', entry), buildProperties, flags }, directory),
    ),
  )
}

/** What to bundle: BuildProperties with paths relative to `folder`, and more flags for esbuild. */
export type BundleSpec = {
  readonly name: string
  readonly folder: URL
  readonly buildProperties: BuildProperties
  readonly flags?: readonly string[]
}

const ESBUILD = fileURLToPath(new URL('../node_modules/.bin/esbuild', import.meta.url))

/** Bundles one entry point into a folder of its name. @throws {Error} with esbuild's message */
export async function bundle(spec: BundleSpec, directory: string): Promise<Bundle> {
  const { name, buildProperties, flags = [] } = spec
  const folder = fileURLToPath(spec.folder)
  const metafile = join(directory, `${name}.meta.json`)
  const output = [`--outdir=${join(directory, name)}`, `--metafile=${metafile}`, '--log-level=error']
  await promisify(execFile)(ESBUILD, [...flagsOf(buildProperties), ...output, ...flags], { cwd: folder })

  const { outputs }: Metafile = JSON.parse(await readFile(metafile, 'utf8'))
  const [entry, ...others] = Object.entries(outputs).filter(([, { entryPoint }]) => entryPoint)
  if (!entry || others.length > 0) throw new Error(`${name} must have one entry point.`)
  const [path, { bytes, inputs }] = entry
  const modules = Object.keys(inputs).filter((input) => (inputs[input]?.bytesInOutput ?? 0) > 0)
  const packages = modules.flatMap((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? [])
  const file = join(folder, path)
  return { name, file, bytes, packages: [...new Set(packages)].sort(), modules: modules.length }
}

/**
 * The flags that `sam build` derives from BuildProperties.
 * https://github.com/aws/aws-lambda-builders/blob/develop/aws_lambda_builders/workflows/nodejs_npm_esbuild/esbuild.py
 */
function flagsOf({ EntryPoints, ...properties }: BuildProperties): string[] {
  const flags = Object.entries(properties).flatMap(([property, value]) => {
    const flag = `--${property.replace(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase()}`
    if (Array.isArray(value)) return value.map((item) => `${flag}:${item}`)
    return value === true ? [flag] : value === false ? [] : [`${flag}=${value}`]
  })
  return [...flags, ...EntryPoints, '--bundle', '--platform=node']
}

import { readdirSync, watch } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LocalStack } from './local-stack.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const SOURCE = join(ROOT, 'functions')

// Editors write a file in several steps.
const QUIET_MS = 100

/** Reloads the stack whenever functions/ or template.yaml changes, and prints the outcome. */
export function reloadOnChanges(stack: Pick<LocalStack, 'reload'>): void {
  let timer: NodeJS.Timeout | undefined
  let reloading = Promise.resolve()
  const onChange = (file: string) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      reloading = reloading.then(() => reload(stack, file))
    }, QUIET_MS)
  }
  // One watcher per folder: many editors replace files, and the watcher of a file would keep watching the old one. On
  // Linux, Node's recursive watcher watches every file.
  for (const folder of [SOURCE, ...foldersIn(SOURCE)])
    watch(folder, (_event, file) => onChange(relative(ROOT, join(folder, String(file)))))
  watch(ROOT, (_event, file) => {
    if (file === 'template.yaml') onChange(file)
  })
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [join(entry.parentPath, entry.name)] : [],
  )
}

async function reload(stack: Pick<LocalStack, 'reload'>, file: string): Promise<void> {
  try {
    await stack.reload()
    console.log(`Reloaded after a change of ${file}.`)
  } catch (error) {
    console.error(
      `${file} can't be loaded, so the previous version still runs. ${error instanceof Error ? error.message : error}`,
    )
  }
}

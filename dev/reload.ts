import { watch } from 'node:fs'
import type { LocalStack } from './local-stack.ts'

const ROOT = new URL('../', import.meta.url)

// Editors write a file in several steps.
const QUIET_MS = 100

/** Reloads the stack after a change of functions/ or template.yaml, and says so. */
export function reloadOnChanges(stack: Pick<LocalStack, 'reload'>): void {
  let timer: NodeJS.Timeout | undefined
  let reloading = Promise.resolve()
  const onChange = (file: string) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      reloading = reloading.then(() => reload(stack, file))
    }, QUIET_MS)
  }
  watch(new URL('functions/', ROOT), { recursive: true }, (_event, file) => onChange(`functions/${file}`))
  // The folder, not the file: many editors replace a file, and the watcher would stay with the old one.
  watch(ROOT, (_event, file) => {
    if (file === 'template.yaml') onChange(file)
  })
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

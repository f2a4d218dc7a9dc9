import { readFile } from 'node:fs/promises'
import { readAll } from './prompt.ts'
import type { Terminal } from './terminal.ts'

/** The text of a file, or of stdin for `-`. @throws {Error} of Node, with the path */
export async function readText(path: string, terminal: Terminal): Promise<string> {
  if (path === '-') return readAll(terminal)
  return readFile(path, 'utf8').catch((error: Error) => {
    // Node leaves it out if the path is a folder.
    throw Object.assign(error, { path })
  })
}

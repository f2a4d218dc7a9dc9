import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { connect, disconnectAll } from '../../harness/clients.ts'
import { killAll, type Soketi } from '../../harness/soketi-process.ts'

/** The prefix of the adapter's lines in soketi's output. */
const LOG_LINE = '[http-app-manager] '

/** Shared by tests that start soketi in different ways. Every soketi is stopped after each test. */
export type PreloadTests = {
  /** A folder that every user may read. */
  readonly folder: string
  /** Writes a file into the folder and returns its path. */
  writeScript(name: string, text: string): string
  /** Fails unless a client connects, and the adapter has said its one line. */
  expectToServe(soketi: Soketi): Promise<void>
}

/** Sets that up for the tests of a file; it is there once they run. */
export function setUpPreloadTests(): PreloadTests {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'soketi-preload-'))
    chmodSync(folder, 0o755)
  })
  afterEach(async () => {
    disconnectAll()
    await killAll()
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  return {
    get folder() {
      return folder
    },
    writeScript(name, text) {
      const file = join(folder, name)
      writeFileSync(file, text)
      return file
    },
    async expectToServe(soketi) {
      await connect(soketi.port, 'demo-key').connected()
      expect(soketi.output().split(LOG_LINE)).toHaveLength(2)
    },
  }
}

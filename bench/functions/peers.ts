import { execFile } from 'node:child_process'
import { cp, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { say } from '../progress.ts'

const SOURCE = new URL('peers/', import.meta.url)

/** Where the peers are installed; not in version control, and never part of `npm install`. */
export const PEERS = new URL('.peers/', import.meta.url)

/** AWS's own runtime interface client, which the Node 24 runtime of Lambda runs. */
export const RUNTIME_CLIENT = new URL('node_modules/aws-lambda-ric/index.mjs', PEERS)

/**
 * Installs the functions to compare with, in the versions of the lock file, unless they are installed already.
 *
 * @throws {Error} if npm fails. Compiling aws-lambda-ric needs a C++ compiler, make, cmake and Python.
 */
export async function installPeers(): Promise<void> {
  const installed = await readFile(new URL('installed.json', PEERS), 'utf8').catch(() => '')
  const wanted = await readFile(new URL('package-lock.json', SOURCE), 'utf8')
  await cp(SOURCE, PEERS, { recursive: true })
  if (installed === wanted) return
  say('Installing the peers into bench/functions/.peers (a few minutes, once) …')
  await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], { cwd: fileURLToPath(PEERS) })
  await cp(new URL('package-lock.json', SOURCE), new URL('installed.json', PEERS))
}

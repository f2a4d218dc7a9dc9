import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { readAll } from './prompt.ts'
import type { Terminal } from './terminal.ts'

/** The text of a file, or of stdin for `-`. @throws {Error} of Node, with the path */
export async function readText(path: string, terminal: Terminal): Promise<string> {
  if (path === '-') return decodeText(await readAll(terminal))
  const bytes = await readFile(path).catch((error: Error) => {
    // Node leaves it out if the path is a folder.
    throw Object.assign(error, { path })
  })
  return decodeText(bytes)
}

/** Exports of DynamoDB to S3 are compressed, and PowerShell writes UTF-16. */
function decodeText(bytes: Buffer): string {
  const plain = bytes.subarray(0, 2).equals(GZIP) ? gunzipSync(bytes) : bytes
  return plain.subarray(0, 2).equals(UTF_16) ? plain.toString('utf16le') : plain.toString()
}

// https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1
const GZIP = Buffer.from([0x1f, 0x8b])
const UTF_16 = Buffer.from([0xff, 0xfe])

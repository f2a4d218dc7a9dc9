import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { parseApp } from '../app.ts'
import type { Log } from '../log.ts'
import { SettingsError } from '../settings-error.ts'
import type { Reading } from './record.ts'

/** The cached apps in a file. */
export type Snapshot = {
  /** The content of the file; nothing, after a warning, if it is damaged or from another token. */
  load(token: string, now: number): Reading[]
  /** Replaces the file, readable by its owner only. Never rejects, but logs a warning. */
  save(token: string, readings: readonly Reading[]): Promise<void>
}

const MAGIC = Buffer.from('soketi-http-app-manager snapshot 1\n')
const SALT_BYTES = 16
const IV_BYTES = 12
const TAG_BYTES = 16

/**
 * AES-256-GCM with a key derived from the token and a random salt; the name of the format is authenticated. Only those
 * who have the token, and so can read the apps from the endpoint, can read the file. It is written again after a change
 * of the token.
 * @throws SettingsError if the file can't be written; otherwise that would show only when the node stops.
 */
export function createSnapshot(file: string, log: Log): Snapshot {
  assertWritable(file)
  return {
    load(token, now) {
      let bytes: Buffer
      try {
        bytes = readFileSync(file)
      } catch (error) {
        const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT'
        if (!isAbsent) log('warn', 'the snapshot file cannot be read and is ignored')
        return []
      }
      try {
        return decode(open(bytes, token), now)
      } catch {
        log('warn', 'the snapshot file is damaged or from another token and is ignored')
        return []
      }
    },

    async save(token, readings) {
      const temporary = temporaryFor(file)
      try {
        await writeFile(temporary, seal(encode(readings), token), { mode: 0o600, flag: 'wx' })
        await rename(temporary, file)
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => {})
        log(
          'warn',
          `the snapshot file cannot be written (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
        )
      }
    },
  }
}

/** A new file is written next to the old one and replaces it, so the folder must be writable. */
const temporaryFor = (file: string) => `${file}.${process.pid}-${randomBytes(6).toString('hex')}`

function assertWritable(file: string): void {
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw new Error('a folder')
    const temporary = temporaryFor(file)
    closeSync(openSync(temporary, 'wx', 0o600))
    rmSync(temporary)
  } catch (cause) {
    throw new SettingsError(
      '{snapshotFile} cannot be written; give the path of a file in a folder that this user may write to.',
      { cause },
    )
  }
}

const deriveKey = (token: string, salt: Buffer) => Buffer.from(hkdfSync('sha256', token, salt, MAGIC, 32))

function seal(text: string, token: string): Buffer {
  const salt = randomBytes(SALT_BYTES)
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', deriveKey(token, salt), iv).setAAD(MAGIC)
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([MAGIC, salt, iv, cipher.getAuthTag(), sealed])
}

function open(bytes: Buffer, token: string): string {
  const ivAt = MAGIC.length + SALT_BYTES
  const tagAt = ivAt + IV_BYTES
  const sealedAt = tagAt + TAG_BYTES
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('another format')
  const key = deriveKey(token, bytes.subarray(MAGIC.length, ivAt))
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(ivAt, tagAt), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(MAGIC).setAuthTag(bytes.subarray(tagAt, sealedAt))
  return Buffer.concat([decipher.update(bytes.subarray(sealedAt)), decipher.final()]).toString('utf8')
}

/** Disabled apps are left out: they are never served while no region answers. */
const encode = (readings: readonly Reading[]): string =>
  JSON.stringify(readings.filter(({ app }) => app.enabled))

function decode(text: string, now: number): Reading[] {
  const entries: (Omit<Reading, 'app'> & { app: unknown })[] = JSON.parse(text)
  return entries.map(({ app: value, etag, readAt, graceMs }) => {
    const app = parseApp(value)
    if ('wrongField' in app) throw new Error('not an app')
    // If the clock was set back, the reading is in the future, would be served for too long, and how long ago it was is not
    // known. JSON has null for a time without end.
    const isFuture = readAt > now
    return {
      app,
      etag,
      readAt: isFuture ? now : readAt,
      graceMs: isFuture ? undefined : (graceMs ?? undefined),
    }
  })
}

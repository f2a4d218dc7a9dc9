import { execFileSync } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createToken } from '../../adapter/lookup/endpoint/token.ts'
import { createRareLog } from '../../adapter/lookup/log.ts'
import { nodeTimers } from '../../adapter/lookup/timers.ts'
import { createFolder } from './folder.ts'

const lines: string[] = []
const log = (_: string, message: string) => void lines.push(message)
let now = 0
const clock = () => now
const timers = nodeTimers
const rareLog = createRareLog(log, clock)

async function fromFile(content: string) {
  const tokenFile = join(await createFolder(), 'token')
  await writeFile(tokenFile, content)
  return { tokenFile, token: createToken({ tokenFile, clock, timers, rareLog }) }
}

describe('a token', () => {
  it('of the options stays the same', async () => {
    const token = createToken({ token: ' made-up ', clock, timers, rareLog })
    expect(await token.read(true)).toBe('made-up')
    expect(token.current()).toBe('made-up')
  })

  it.each(['', ' ', 'two words', 'line\nbreak', 'schlüssel', '\u0000'])("can't be %j", (token) => {
    expect(() => createToken({ token, clock, timers, rareLog })).toThrow('token holds no bearer token')
  })

  it('comes either from the options or from a file', () => {
    expect(() => createToken({ clock, timers, rareLog })).toThrow('neither token nor tokenFile is set')
    expect(() => createToken({ token: 'a', tokenFile: 'b', clock, timers, rareLog })).toThrow(
      'token and tokenFile are both set',
    )
  })

  it('of an unusable file stops the start, and the error has none of its content', async () => {
    const folder = await createFolder()
    expect(() => createToken({ tokenFile: join(folder, 'none'), clock, timers, rareLog })).toThrow(
      'tokenFile cannot be read',
    )
    await expect(fromFile('not one token')).rejects.toThrow(/^tokenFile holds no bearer token; give one line/)
  })

  it('of a file is read again after a second, and replaced when it has changed', async () => {
    const { tokenFile, token } = await fromFile('first\n')
    const changes: string[] = []
    token.onChange(() => changes.push(token.current()))
    await writeFile(`${tokenFile}.new`, 'second\n')
    await rename(`${tokenFile}.new`, tokenFile)
    expect(await token.read()).toBe('first')
    now += 1_000
    expect(await Promise.all([token.read(), token.read()])).toEqual(['second', 'second'])
    expect(changes).toEqual(['second'])
  })

  it('of a file is read again at once on request', async () => {
    const { tokenFile, token } = await fromFile('first')
    await writeFile(tokenFile, 'second')
    expect(await token.read(true)).toBe('second')
  })

  it('stays while its file is gone, empty or half written, with one warning a minute', async () => {
    const { tokenFile, token } = await fromFile('first')
    lines.length = 0
    now += 60_000
    await writeFile(tokenFile, '')
    expect(await token.read(true)).toBe('first')
    await rm(tokenFile)
    expect(await token.read(true)).toBe('first')
    expect(lines).toEqual(['the token file cannot be read; the last token stays in use'])
    now += 60_000
    expect(await token.read(true)).toBe('first')
    expect(lines).toHaveLength(2)
    await writeFile(tokenFile, 'second')
    expect(await token.read(true)).toBe('second')
  })

  it('stays while the file system hangs: its file is read once, and nobody waits for it for long', async () => {
    const { tokenFile, token } = await fromFile('first')
    lines.length = 0
    now += 60_000
    await rm(tokenFile)
    execFileSync('mkfifo', [tokenFile])
    // A read of the pipe takes until it is closed for writing.
    const pipe = openSync(tokenFile, 'r+')
    let release = () => {
      writeSync(pipe, 'second')
      closeSync(pipe)
      release = () => {}
    }
    onTestFinished(() => release())
    // Node has four threads for files.
    for (let i = 0; i < 6; i += 1) expect(await token.read(true)).toBe('first')
    expect(await token.read()).toBe('first')
    expect(await readFile(import.meta.filename, 'utf8')).toContain('pipe')
    release()
    expect(await token.read(true)).toBe('second')
    expect(lines).toEqual(['the token file cannot be read; the last token stays in use'])
  })
})

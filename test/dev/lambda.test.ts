import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLambda, type Lambda } from '../../dev/lambda.ts'

const TIMEOUT_MS = 3000
let folder: string
let lines: string[]
let lambda: Lambda
beforeEach(() => {
  // The timeout of an invocation; threads have their own timers.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  folder = mkdtempSync(join(tmpdir(), 'lambda-'))
  lines = []
  lambda = createLambda({
    spec: {
      name: 'Greet',
      entry: pathToFileURL(join(folder, 'greet.ts')),
      timeoutMs: TIMEOUT_MS,
      environment: { FOLDER: folder },
      buildProperties: { EntryPoints: [] },
    },
    ambient: {},
    onLog: (line) => lines.push(line),
  })
})
afterEach(async () => {
  await lambda.close()
  vi.useRealTimers()
  rmSync(folder, { recursive: true })
})
const write = (file: string, source: string) => writeFileSync(join(folder, file), source)
const HELLO = 'export const handler = async () => "hello"'

describe('a function of the local stack', () => {
  it('has a timeout that does not include the start of its thread', async () => {
    write(
      'greet.ts',
      `console.log('loading')
      while (!(await import('node:fs')).existsSync(process.env.FOLDER + '/loaded'))
        await new Promise((resolve) => setTimeout(resolve, 10))
      let count = 0
      export const handler = async () => ++count`,
    )
    const invocations = Promise.all([lambda.invoke({}), lambda.invoke({})])
    await expect.poll(() => lines).toEqual(['loading'])
    vi.advanceTimersByTime(2 * TIMEOUT_MS)
    write('loaded', '')
    expect(await invocations).toEqual([1, 2])
  })

  it('times out as its template says', async () => {
    write(
      'greet.ts',
      `export const handler = () => {
        console.log('waiting')
        return new Promise(() => {})
      }`,
    )
    const timedOut = expect(lambda.invoke({})).rejects.toThrow('Greet timed out after 3000 ms')
    await expect.poll(() => lines).toEqual(['waiting'])
    vi.advanceTimersByTime(TIMEOUT_MS)
    await timedOut
  })

  it.each([
    ['invalid syntax', 'const name = 1\nthis is no TypeScript', / does not load: .*greet\.ts:2\n/],
    ['an import of nothing', 'import "./nothing.ts"', / does not load: .*nothing\.ts' .*greet\.ts/],
    ['an error', '\nthrow new Error("It is broken")', / does not load: .*It is broken\n.*greet\.ts:2:/],
    ['an exit', 'process.exit(3)', / does not load: exit code 3$/],
  ])('reports %s in its source, and loads once that is mended', async (_what, source, message) => {
    write('greet.ts', source)
    await expect(lambda.invoke({})).rejects.toThrow(message)
    await expect(lambda.start()).rejects.toThrow(/^Greet/)
    write('greet.ts', HELLO)
    expect(await lambda.invoke({})).toBe('hello')
  })

  it('starts again after an invocation that ended its thread', async () => {
    write(
      'greet.ts',
      'export const handler = async (code: number) => (code > 0 ? process.exit(code) : "hello")',
    )
    await expect(lambda.invoke(7)).rejects.toThrow('Greet ended: exit code 7')
    expect(await lambda.invoke(0)).toBe('hello')
  })

  it('finishes its invocations before it closes, and starts no thread afterwards', async () => {
    write('greet.ts', HELLO)
    const [answer] = await Promise.all([lambda.invoke({}), lambda.close()])
    expect(answer).toBe('hello')
    await expect(lambda.invoke({})).rejects.toThrow('Greet is closed.')
  })
})

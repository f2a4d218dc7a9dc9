import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Runs a script of this folder on the Python of a tool that pip installed, and returns what it prints. */
export function runPythonOf(tool: string, script: string, args: readonly string[]): string {
  const file = fileURLToPath(new URL(script, import.meta.url))
  return execFileSync(pythonOf(find(tool)), [file, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

/** The output of a linter in this folder, and its exit code. */
export function lint(
  linter: string,
  args: readonly string[],
  cwd = '.',
): Promise<{ code: number; says: string }> {
  return new Promise((resolve, reject) => {
    const child = execFile(find(linter), args, { cwd, maxBuffer: 2 ** 26 }, (_error, stdout, stderr) => {
      if (child.exitCode === null) reject(new Error(`${linter} did not run: ${stderr}`))
      else resolve({ code: child.exitCode, says: stdout.trim() })
    })
  })
}

function find(tool: string): string {
  try {
    return execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim()
  } catch (cause) {
    throw new Error(`${tool} is not on the PATH: pip install --requirement .ci/requirements.txt`, { cause })
  }
}

/** The Python that a script installed by pip starts with: its first line names it. */
function pythonOf(script: string): string {
  const [, python] = /^#!(\S+)/.exec(readFileSync(script, 'utf8')) ?? []
  if (!python) throw new Error(`${script} does not say which Python it runs on.`)
  return python
}

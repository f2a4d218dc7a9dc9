import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { backend } from './clients.ts'
import { type AppCredentials, startLibrary } from './library-clients.ts'

/** A call of a backend library. */
export type BackendCall =
  | { readonly call: 'trigger'; readonly data: { readonly from: string } }
  | { readonly call: 'batch'; readonly count: number }
  | { readonly call: 'users' | 'users of a public channel' }

/** A backend with a real library. */
export type LibraryBackend = {
  /** Makes one call to a soketi on this machine. Resolves to the error that the library reports, or undefined. */
  call(port: number, app: AppCredentials, call: BackendCall): Promise<string | undefined>
  close(): void
}

/** Starts a backend for each library: `pusher` of npm, `pusher` of PyPI and `pusher-http-java`. */
export function startLibraryBackends(): Readonly<Record<string, LibraryBackend>> {
  return {
    'pusher (npm)': { call: callInNode, close() {} },
    'pusher (PyPI)': startBackend(startLibrary('python3', 'backend.py')),
    'pusher-http-java': startBackend(startLibrary('java', '-cp', 'java:java/*', 'Backend')),
  }
}

function startBackend({ stdin, stdout }: ChildProcess): LibraryBackend {
  if (!stdin || !stdout) throw new Error('The program has no pipes.')
  const waiting: ((line: string) => void)[] = []
  createInterface(stdout).on('line', (line) => waiting.shift()?.(line))
  return {
    async call(port, app, call) {
      stdin.write(`${JSON.stringify({ port, ...app, ...call })}\n`)
      const line = await new Promise<string>((resolve) => waiting.push(resolve))
      return line === 'ok' ? undefined : line
    },
    close: () => stdin.end(),
  }
}

async function callInNode(port: number, app: AppCredentials, call: BackendCall): Promise<string | undefined> {
  const pusher = backend(port, app.id, { key: app.key, secret: app.secret })
  const event = { channel: 'private-room', name: 'news', data: 'x' }
  const path = `/channels/${call.call === 'users' ? 'presence-room' : 'public'}/users`
  const answer =
    call.call === 'trigger'
      ? pusher.trigger('private-room', 'news', call.data)
      : call.call === 'batch'
        ? pusher.triggerBatch(Array(call.count).fill(event))
        : pusher.get({ path })
  return answer.then(
    () => undefined,
    (error: unknown) => `error ${error}`,
  )
}

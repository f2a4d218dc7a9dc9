import { writeSync } from 'node:fs'
import { CONTEXT } from '../support/load-handler.ts'
import { END_OF_OUTPUT } from './end-of-output.ts'

// A function in a child process. Its environment says what to load, and messages have the events.
const { handler } = await import(String(process.env.FUNCTION_ENTRY))
process.on('message', async (event) => {
  const answer = await handler(event, CONTEXT)
  writeSync(process.stdout.fd, END_OF_OUTPUT)
  process.send?.({ answer })
})
process.send?.('ready')

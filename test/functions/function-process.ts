import { CONTEXT } from '../support/load-handler.ts'

// A function in a child process. Its environment says what to load, and messages have the events.
const { handler } = await import(String(process.env.FUNCTION_ENTRY))
process.on('message', async (event) => {
  process.send?.({ answer: await handler(event, CONTEXT) })
})
process.send?.('ready')

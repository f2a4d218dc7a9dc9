import { CONTEXT } from '../contract/load-handler.ts'

// A function in a process of its own, told what to load by its environment and what to answer by messages.
const { handler } = await import(String(process.env.FUNCTION_ENTRY))
process.on('message', async (event) => {
  process.send?.({ answer: await handler(event, CONTEXT) })
})
process.send?.('ready')

/**
 * Stands in for a static or dynamic `import "node:http"`, whose facade reads every export: one of them, WebSocket,
 * loads undici, which costs a cold start 30 ms. What is here is what middy and the SDK take from it.
 */
export const { Agent, request, STATUS_CODES } = process.getBuiltinModule('node:http')

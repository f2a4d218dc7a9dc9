/**
 * Replaces a static or dynamic `import "node:http"`, which evaluates every export of the module. One of them, WebSocket,
 * loads undici, which adds 30 ms to a cold start. These are the exports that middy and the SDK use.
 */
export const { Agent, request, STATUS_CODES } = process.getBuiltinModule('node:http')

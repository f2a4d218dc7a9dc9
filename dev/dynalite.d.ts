declare module 'dynalite' {
  import type { Server } from 'node:http'
  /** A DynamoDB over HTTP; `createTableMs` is how long a new table is not active. */
  export default function dynalite(options: { createTableMs?: number }): Server
}

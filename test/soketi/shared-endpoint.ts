import { inject } from 'vitest'
import { type AppsTable, type Endpoint, findTable } from '../../harness/local-endpoint.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly endpoint: Pick<Endpoint, 'url' | 'dynamodb'>
  }
}

const { url, dynamodb } = inject('endpoint')

/** The endpoint of the test run, for files that need no faults of it and add apps with ids of their own. */
export const endpoint: AppsTable & Pick<Endpoint, 'url'> = { url, ...findTable(dynamodb) }

import { startFindApp } from './find-app.ts'

/** `GET /apps/by-key/{appKey}`: the app with this key, by Query on AppKeyIndex. */
export const handler = await startFindApp('findByKey', 'appKey')

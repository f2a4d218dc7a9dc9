import { startFindApp } from './find-app.ts'

/** `GET /apps/{appId}`: the app with this id, by GetItem. */
export const handler = await startFindApp('findById', 'appId')

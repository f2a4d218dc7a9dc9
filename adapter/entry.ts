import { AppLookupUnavailableError, createAppLookup } from './register.ts'

// The exports of an ES module would need 500 bytes of code in the bundle.
module.exports = { AppLookupUnavailableError, createAppLookup }

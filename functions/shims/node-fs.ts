/**
 * Stands in for `import "node:fs"`, whose facade loads `node:fs/promises`: 4 ms. What is here is what the SDK takes
 * from it, to measure the length of a body that is a file.
 */
export const { ReadStream, fstatSync, lstatSync } = process.getBuiltinModule('node:fs')

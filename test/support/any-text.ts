import fc from 'fast-check'

/**
 * Any character, as the unit of `fc.string`. fast-check's own `binary` unit first lists all 1,112,064 of them, which takes
 * seconds.
 */
export const ANY_CHARACTER = fc
  .nat({ max: 0x10ffff })
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))

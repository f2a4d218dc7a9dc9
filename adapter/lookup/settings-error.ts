/** What an option is called where the user has set it, such as an environment variable. */
export type NameOf = (option: string) => string

/**
 * A wrong setting. The message is one sentence with the names of the options and what to do, without their values.
 * Identify it by its `name`: a bundle can contain this class twice.
 */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  /** The message with other names for the options. */
  readonly spell: (nameOf: NameOf) => string

  constructor(spell: (nameOf: NameOf) => string, options?: { cause: unknown }) {
    super(
      spell((option) => option),
      options,
    )
    this.spell = spell
  }
}

/** A name with more wrong letters than this is another word. */
const MAX_TYPING_ERRORS = 3

/**
 * @throws SettingsError at the first name that is not known, with its new name if it has been renamed, or the known name
 * that is most like it
 */
export function assertKnownNames(
  given: readonly string[],
  known: readonly string[],
  renamed: ReadonlyMap<string, string>,
): void {
  const unknown = given.find((name) => !known.includes(name))
  if (unknown === undefined) return
  const newName = renamed.get(unknown)
  if (newName !== undefined) throw new SettingsError(() => `${unknown} is now called ${newName}; rename it.`)
  const similar = closest(unknown, known)
  const advice = similar === undefined ? 'remove it' : `did you mean ${similar}?`
  throw new SettingsError(() => `${unknown} is not a setting; ${advice.replace(/[^?]$/, '$&.')}`)
}

/** The known name with the fewest wrong letters. */
function closest(given: string, known: readonly string[]): string | undefined {
  const errors = new Map(known.map((name) => [name, editDistance(given, name)]))
  const fewest = Math.min(...errors.values(), MAX_TYPING_ERRORS)
  return known.find((name) => errors.get(name) === fewest)
}

/** How many letters have to be added, removed or replaced (https://en.wikipedia.org/wiki/Levenshtein_distance). */
function editDistance(one: string, other: string): number {
  let distances = [...other, ''].map((_, i) => i)
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1]
    for (const [j, otherLetter] of [...other].entries()) {
      const [replaced = 0, added = 0] = distances.slice(j)
      next.push(Math.min(replaced + Number(letter !== otherLetter), added + 1, (next[j] ?? 0) + 1))
    }
    distances = next
  }
  return distances[other.length] ?? 0
}

/** What an option is called where the user has set it, such as an environment variable. */
export type NameOf = (option: string) => string

/**
 * A wrong setting. The message is one sentence with the names of the options and what to do, without their values.
 * Identify it by its `name`: a bundle can contain this class twice.
 */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  /** The message with other names for the options. */
  readonly messageFor: (nameOf: NameOf) => string

  /** @param text the message, in which each option is in braces */
  constructor(text: string, options?: { cause: unknown }) {
    const messageFor = (nameOf: NameOf) => text.replace(/\{(\w+)\}/g, (_, option: string) => nameOf(option))
    super(
      messageFor((option) => option),
      options,
    )
    this.messageFor = messageFor
  }
}

/** @throws SettingsError at the first name that is not known */
export function assertKnownNames(given: readonly string[], known: readonly string[]): void {
  const unknown = given.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new SettingsError(`${unknown} is not a setting; correct the name or remove it.`)
}

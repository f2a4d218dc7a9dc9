/** A problem of an app. An `error` means that the app, or a part of it, does not work. */
export type Finding = {
  readonly level: 'error' | 'warning'
  readonly attribute: string
  /** One sentence, without values of the item. */
  readonly text: string
}

export const error = (attribute: string, text: string): Finding => ({ level: 'error', attribute, text })
export const warning = (attribute: string, text: string): Finding => ({ level: 'warning', attribute, text })

import type { AppLookup } from '../../adapter/lookup/index.ts'

/** The ids of apps with open sockets, as soketi's side reports them. */
export class LiveApps extends Set<string> {
  readonly #lookup: Pick<AppLookup, 'setLive'>

  constructor(lookup: Pick<AppLookup, 'setLive'>) {
    super()
    this.#lookup = lookup
  }

  override add(id: string): this {
    this.#lookup.setLive(id, true)
    return super.add(id)
  }

  override delete(id: string): boolean {
    this.#lookup.setLive(id, false)
    return super.delete(id)
  }
}

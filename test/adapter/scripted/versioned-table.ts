/** An app of the simulated table; `maxConnections` numbers its versions, so that an answer tells which one it is. */
export type VersionedApp = {
  readonly id: string
  readonly key: string
  readonly secret: string
  readonly enabled: boolean
  readonly maxConnections: number
}

/** A version of an item and when it was written; undefined if it was deleted. */
type Version = { readonly from: number; readonly app: VersionedApp | undefined }

/** The table of one region, with all versions of its items. */
export class VersionedTable {
  readonly #versions = new Map<string, Version[]>()
  readonly #clock: () => number

  constructor(clock: () => number) {
    this.#clock = clock
  }

  put(id: string, app: VersionedApp | undefined): void {
    const versions = this.#versions.get(id) ?? []
    versions.push({ from: this.#clock(), app })
    this.#versions.set(id, versions)
  }

  ids(): string[] {
    return [...this.#versions.keys()]
  }

  /** The app as it was this long ago. */
  byId(id: string, agoMs = 0): VersionedApp | undefined {
    const at = this.#clock() - agoMs
    const versions = this.#versions.get(id) ?? []
    for (let i = versions.length - 1; i >= 0; i -= 1) {
      const version = versions[i]
      if (version !== undefined && version.from <= at) return version.app
    }
    return undefined
  }

  /** The apps that had this key this long ago. */
  byKey(key: string, agoMs = 0): VersionedApp[] {
    return this.ids()
      .map((id) => this.byId(id, agoMs))
      .filter((app) => app?.key === key)
      .filter((app) => app !== undefined)
  }
}

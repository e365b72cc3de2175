/** What a context can inherit from: another one, a Map, anything that is read like them. */
export interface ContextBase {
  get(key: unknown): unknown
  has(key: unknown): boolean
}

/** Values by key; those it doesn't have itself are looked up in its base, at each call anew. */
export class Context {
  readonly #values = new Map<unknown, unknown>()
  readonly #base: ContextBase | undefined

  /** @param base is only read */
  constructor(base?: ContextBase) {
    this.#base = base
  }

  get<T = unknown>(key: unknown): T | undefined {
    return (this.#values.has(key) ? this.#values.get(key) : this.#base?.get(key)) as T | undefined
  }

  /** Sets a value of its own, which hides that of the base. */
  set(key: unknown, value: unknown): this {
    this.#values.set(key, value)
    return this
  }

  has(key: unknown): boolean {
    return this.#values.has(key) || this.#base?.has(key) === true
  }
}

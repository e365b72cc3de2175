/** Values that travel with a request, by key. */
export class Context {
  readonly #values = new Map<unknown, unknown>()

  get<T = unknown>(key: unknown): T | undefined {
    return this.#values.get(key) as T | undefined
  }

  set(key: unknown, value: unknown): this {
    this.#values.set(key, value)
    return this
  }

  has(key: unknown): boolean {
    return this.#values.has(key)
  }
}

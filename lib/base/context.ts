import type { ValueOf, ValuesOf } from './register.ts'

/** What a context can inherit from: another context, a Map, or an object with the same two methods. */
export interface ContextBase {
  get(key: unknown): unknown
  has(key: unknown): boolean
}

/** Values by key. A key without a value of its own is looked up in the base, at every call. */
export class Context {
  readonly #values = new Map<unknown, unknown>()
  readonly #base: ContextBase | undefined

  /** @param base is read and never written */
  constructor(base?: ContextBase) {
    this.#base = base
  }

  /** Returns a value. Its type is that of `context` in `Register`, or what the call says. */
  get<Name extends keyof ValuesOf<'context'>>(key: Name): ValuesOf<'context'>[Name] | undefined
  get<T = unknown>(key: unknown): T | undefined
  get(key: unknown): unknown {
    return this.#values.has(key) ? this.#values.get(key) : this.#base?.get(key)
  }

  /** Sets a value, which hides that of the base. */
  set<const Key>(key: Key, value: ValueOf<'context', Key>): this {
    this.#values.set(key, value)
    return this
  }

  has(key: unknown): boolean {
    return this.#values.has(key) || this.#base?.has(key) === true
  }
}

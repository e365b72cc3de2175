/** Names with another meaning in a session of express-session, or in any object. */
const reserved: ReadonlySet<string> = new Set([
  'cookie',
  'id',
  'req',
  'save',
  'reload',
  'touch',
  'resetMaxAge',
  'regenerate',
  'destroy',
  'toJSON',
  ...Object.getOwnPropertyNames(Object.prototype),
])

/**
 * The values of a session, by the names under which they are stored: the key, as in Express, or `~` and the key if the key
 * is reserved or starts with `~`.
 */
export class SessionValues {
  readonly #stored: Record<string, unknown>
  /** The values as JSON before anything could change them; `undefined` as long as nothing could. */
  #before: string | undefined

  constructor(stored: Record<string, unknown> = {}) {
    this.#stored = stored
  }

  /** The values by the names under which they are stored. */
  get stored(): Readonly<Record<string, unknown>> {
    return this.#stored
  }

  /** Whether the values may differ from those at the start. A value that is an object may have been changed within. */
  get isTouched(): boolean {
    return this.#before !== undefined
  }

  /** Whether the values differ from those at the start. @throws TypeError if a value can't be JSON */
  get isChanged(): boolean {
    return this.#before !== undefined && this.#before !== JSON.stringify(this.#stored)
  }

  get(key: string): unknown {
    const name = encodeKey(key)
    const value = Object.hasOwn(this.#stored, name) ? this.#stored[name] : undefined
    if (typeof value === 'object' && value !== null) this.remember()
    return value
  }

  set(key: string, value: unknown): void {
    this.remember()
    this.#stored[encodeKey(key)] = value
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#stored, encodeKey(key))
  }

  remove(key: string): void {
    this.remember()
    delete this.#stored[encodeKey(key)]
  }

  clear(): void {
    this.remember()
    for (const name of Object.keys(this.#stored)) delete this.#stored[name]
  }

  /** Returns the values by key in a new object without a prototype. */
  data(): Record<string, unknown> {
    this.remember()
    const data: Record<string, unknown> = Object.create(null)
    for (const [name, value] of Object.entries(this.#stored)) data[decodeName(name)] = value
    return data
  }

  /** Keeps a copy of the values for `isChanged`, at the first call only. */
  remember(): void {
    this.#before ??= JSON.stringify(this.#stored)
  }

  /** Makes the current values those at the start. */
  settle(): void {
    if (this.#before !== undefined) this.#before = JSON.stringify(this.#stored)
  }
}

function encodeKey(key: string): string {
  if (typeof key !== 'string') throw new TypeError(`the key of a session value must be a string, got a ${typeof key}`)
  return reserved.has(key) || key.startsWith('~') ? `~${key}` : key
}

function decodeName(name: string): string {
  return name.startsWith('~') ? name.slice(1) : name
}

import type { Session } from '../http/session.ts'
import type { SessionValues } from './session-values.ts'

/** What the face calls of the session behind it. */
export interface SessionCore {
  readonly id: string
  /** @throws what the store failed with when the session was loaded */
  read(): SessionValues
  /** @throws as `read`; StateError once the session is saved */
  edit(): SessionValues
  /** As `edit`, and begins a session where there is none. @throws as `edit`; StateError after `destroy` */
  fill(): SessionValues
  regenerate(): Promise<void>
  destroy(): Promise<void>
}

/** What `request.session` returns. */
export class SessionFace implements Session {
  readonly #core: SessionCore

  constructor(core: SessionCore) {
    this.#core = core
  }

  get id(): string {
    return this.#core.id
  }

  get<T = unknown>(key: string): T | undefined {
    return this.#core.read().get(key) as T | undefined
  }

  set(key: string, value: unknown): void {
    if (value === undefined) this.#core.edit().remove(key)
    else this.#core.fill().set(key, value)
  }

  has(key: string): boolean {
    return this.#core.read().has(key)
  }

  remove(key: string): void {
    this.#core.edit().remove(key)
  }

  data(): Record<string, unknown> {
    return this.#core.read().data()
  }

  clear(): void {
    this.#core.edit().clear()
  }

  regenerate(): Promise<void> {
    return this.#core.regenerate()
  }

  destroy(): Promise<void> {
    return this.#core.destroy()
  }
}

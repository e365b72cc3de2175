import { StateError } from '../base/errors.ts'
import type { RequestCore as Request } from '../http/request-core.ts'
import type { HeldSession } from '../http/session.ts'
import type { Facade } from './facade.ts'
import { decodeKey, encodeKey } from './stored-key.ts'

/** What the session of one request needs of the sessions of its server. */
export interface SessionSource {
  /** @param cookie the request's Cookie field, or nothing for a session that nobody has yet */
  createFacade(request: Request, cookie: string | undefined): Facade
  begin(facade: Facade): void | Promise<void>
  /** Destroys a session, for all requests under way as well. */
  remove(id: string): Promise<void>
  giveBack(facade: Facade): void
  /** Whether a client can be given a session at all; where not, that is logged. */
  canDeliver(facade: Facade): boolean
  /** The Set-Cookie line that takes the cookie away; `undefined` where the client has none. */
  removalLine(request: Request): string | undefined
}

/** The session of one request; express-session runs only once it is needed. */
export class RequestSession implements HeldSession {
  readonly #source: SessionSource
  readonly #request: Request
  #facade: Facade | undefined
  #destroyed: { readonly id: string } | undefined
  /** `left` is a session that nothing is saved of any more, because its store failed or the request is over. */
  #phase: 'open' | 'saved' | 'left' = 'open'
  #loadFailure: { readonly error: unknown } | undefined
  /** Of `regenerate` or `destroy`, which the request must not outlive as if all were well. */
  #failure: { readonly error: unknown } | undefined
  #pending: Promise<void> | undefined
  #isChanged = false

  constructor(source: SessionSource, request: Request) {
    this.#source = source
    this.#request = request
    request.onRelease(() => this.#release())
  }

  get id(): string {
    return this.#destroyed?.id ?? this.#need().session.id
  }

  get<T = unknown>(key: string): T | undefined {
    const values = this.#values()
    const name = encodeKey(key)
    return Object.hasOwn(values, name) ? (values[name] as T) : undefined
  }

  set(key: string, value: unknown): void {
    if (value === undefined) return this.remove(key)
    this.#checkOpen()
    if (this.#destroyed !== undefined) {
      throw new StateError('the session was destroyed: regenerate() gives the client a new one')
    }
    this.#need().session[encodeKey(key)] = value
    this.#isChanged = true
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#values(), encodeKey(key))
  }

  remove(key: string): void {
    this.#checkOpen()
    delete this.#values()[encodeKey(key)]
    this.#isChanged = true
  }

  data(): Record<string, unknown> {
    const values = this.#values()
    const data: Record<string, unknown> = Object.create(null)
    for (const name of Object.keys(values)) if (name !== 'cookie') data[decodeKey(name)] = values[name]
    return data
  }

  clear(): void {
    for (const key of Object.keys(this.data())) this.remove(key)
  }

  regenerate(): Promise<void> {
    return this.#run(async () => {
      const facade = this.#facade
      if (facade?.request.lease === undefined) this.#facade = undefined
      else {
        await facade.regenerate()
        this.#source.giveBack(facade)
      }
      this.#destroyed = undefined
      this.#need()
    })
  }

  destroy(): Promise<void> {
    return this.#run(async () => {
      const facade = this.#need()
      const { id } = facade.session
      if (facade.request.lease !== undefined) await this.#source.remove(id)
      this.#source.giveBack(facade)
      this.#destroyed = { id }
      this.#facade = undefined
    })
  }

  async load(): Promise<void> {
    const facade = this.#source.createFacade(this.#request, this.#request.headers.cookie)
    try {
      await this.#source.begin(facade)
      this.#facade = facade
    } catch (error) {
      this.#loadFailure = { error }
      this.#source.giveBack(facade)
      throw error
    }
  }

  commit(): Promise<void> | undefined {
    if (this.#phase === 'saved') return undefined
    const isIdle = this.#facade === undefined && this.#destroyed === undefined && this.#failure === undefined
    if (!isIdle || this.#pending !== undefined) return this.#commit()
    if (this.#phase === 'open') this.#phase = 'saved'
    return undefined
  }

  reopen(): void {
    this.#failure = undefined
    if (this.#phase === 'saved') this.#phase = 'open'
  }

  async #commit(): Promise<void> {
    // One that failed is known by `#failure`.
    await this.#pending?.catch(() => {})
    if (this.#failure !== undefined) throw this.#failure.error
    if (this.#phase === 'left') return
    this.#phase = 'saved'
    try {
      const line = this.#facade === undefined ? this.#removalLine() : await this.#save(this.#facade)
      if (line !== undefined) this.#request.response.addHeader('Set-Cookie', line)
    } catch (error) {
      this.#phase = 'left'
      throw error
    }
  }

  async #save(facade: Facade): Promise<string | undefined> {
    const isChanged = this.#isChanged
    this.#isChanged = false
    if (facade.isFinished) {
      if (isChanged) await facade.saveAgain()
      return undefined
    }
    const isNew = facade.request.lease === undefined
    if (isNew && !this.#source.canDeliver(facade)) return undefined
    const line = await facade.finish()
    // Nothing was stored: should a value come yet, it is for a session that is still to be made.
    if (isNew && line === undefined) this.#facade = undefined
    // Whoever destroyed the session has answered with the cookie that is due.
    return facade.request.lease?.isRevoked ? undefined : line
  }

  #removalLine(): string | undefined {
    return this.#destroyed && this.#source.removalLine(this.#request)
  }

  /** Runs what changes the session in the store; one after the other, and saving waits for it. */
  #run(change: () => Promise<void>): Promise<void> {
    const before = this.#pending ?? Promise.resolve()
    const pending = before.then(async () => {
      this.#checkOpen()
      if (this.#facade?.isFinished) throw tooLate()
      try {
        await change()
      } catch (error) {
        this.#failure = { error }
        this.#phase = 'left'
        throw error
      }
    })
    this.#pending = pending
    const settled = () => {
      if (this.#pending === pending) this.#pending = undefined
    }
    // Who forgets to wait for it sees the failure when the session is saved.
    pending.then(settled, settled)
    return pending
  }

  #values(): Record<string, unknown> {
    if (this.#loadFailure !== undefined) throw this.#loadFailure.error
    return this.#facade?.session ?? {}
  }

  #need(): Facade {
    if (this.#loadFailure !== undefined) throw this.#loadFailure.error
    if (this.#facade === undefined) {
      const facade = this.#source.createFacade(this.#request, undefined)
      // Nothing is loaded, so this is done at once.
      void this.#source.begin(facade)
      this.#facade = facade
    }
    return this.#facade
  }

  #checkOpen(): void {
    if (this.#loadFailure !== undefined) throw this.#loadFailure.error
    if (this.#phase === 'saved') throw tooLate()
  }

  #release(): void {
    this.#phase = 'left'
    if (this.#facade !== undefined) this.#source.giveBack(this.#facade)
  }
}

function tooLate(): StateError {
  return new StateError('the session is saved already: it takes changes until BeforePatch is over')
}

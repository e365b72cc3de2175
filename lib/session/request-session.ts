import { StateError } from '../base/errors.ts'
import { isPromise } from '../base/in-turn.ts'
import type { HeldSession, Session, SessionCarrier } from '../http/session.ts'
import { expressSession } from './express-session.ts'
import type { Claim } from './guarded-store.ts'
import { createGuestSession, type GuestCore } from './guest-session.ts'
import { type CurrentSession, isAsStored, saveSession, type SessionSettings } from './save-session.ts'
import type { SessionCookieAttributes } from './session-cookie.ts'
import type { StoredSession } from './session-store.ts'
import { SessionValues } from './session-values.ts'

/** The session of one request. A new one is created only by the first use that needs it. */
export class RequestSession implements HeldSession, SessionCore, GuestCore {
  readonly #settings: SessionSettings
  readonly #carrier: SessionCarrier
  readonly #attributes: SessionCookieAttributes
  #face: Session | undefined
  #guest: object | undefined
  #current: CurrentSession | undefined
  #claim: Claim | undefined
  #destroyedId: string | undefined
  /** `left`: nothing more is saved, because the store failed or the request has ended. */
  #phase: 'open' | 'saved' | 'left' = 'open'
  /** The id in the cookie that was added to the response; `null` if the cookie was removed. */
  #cookieId: string | null | undefined
  #loadFailure: { readonly error: unknown; isTold: boolean } | undefined
  /** The failure of `regenerate` or `destroy`. It fails the request even if nothing awaits their promise. */
  #failure: { readonly error: unknown } | undefined
  #pending: Promise<void> | undefined

  constructor(settings: SessionSettings, carrier: SessionCarrier, attributes: SessionCookieAttributes) {
    this.#settings = settings
    this.#carrier = carrier
    this.#attributes = attributes
    carrier.onRelease(() => this.#release())
  }

  get face(): Session {
    return (this.#face ??= new SessionFace(this))
  }

  get guestFace(): object | undefined {
    if (this.#destroyedId !== undefined) return undefined
    return (this.#guest ??= createGuestSession(this.face, this))
  }

  get id(): string {
    return this.#destroyedId ?? this.#need().id
  }

  get storedId(): string | undefined {
    return this.#current?.isStored === true ? this.#current.id : undefined
  }

  get cookie(): object {
    return Object.freeze(new (expressSession().Cookie)(this.#need().attributes))
  }

  async save(): Promise<void> {
    await this.commit()
    // What a guest changes afterwards is saved with the response.
    this.reopen()
  }

  read(): SessionValues {
    this.#checkLoaded()
    return this.#current?.values ?? new SessionValues()
  }

  edit(): SessionValues {
    this.#checkOpen()
    return this.read()
  }

  fill(): SessionValues {
    this.#checkOpen()
    if (this.#destroyedId !== undefined) {
      throw new StateError('the session was destroyed: call regenerate() to begin another one', {
        failure: 'ERR_TRIBIND_SESSION_DESTROYED',
      })
    }
    return this.#need().values
  }

  regenerate(): Promise<void> {
    return this.#run(async () => {
      this.#guest = undefined
      const before = this.#current
      await this.#discard(before)
      this.#destroyedId = undefined
      this.#current = this.#create(before !== undefined && (before.isStored || before.isReplacement))
    })
  }

  destroy(): Promise<void> {
    return this.#run(async () => {
      this.#guest = undefined
      const current = this.#current ?? this.#create()
      await this.#discard(current)
      this.#destroyedId = current.id
      this.#current = undefined
    })
  }

  load(): void | Promise<void> {
    const id = this.#settings.cookie.readId(this.#carrier.headers.cookie)
    if (id === undefined) return
    this.#claim = this.#settings.store.claim(id)
    try {
      const found = this.#settings.store.find(id)
      if (!isPromise(found)) return this.#take(id, found)
      return found.then((session) => this.#take(id, session)).catch((error: unknown) => this.#failLoading(error))
    } catch (error) {
      this.#failLoading(error)
    }
  }

  commit(): void | Promise<void> {
    if (this.#phase === 'saved') return
    if (!this.#isIdle()) return this.#commit()
    this.#logLoadFailure()
    if (this.#phase === 'open') this.#phase = 'saved'
  }

  reopen(): void {
    this.#failure = undefined
    if (this.#phase === 'saved') this.#phase = 'open'
  }

  #take(id: string, found: StoredSession | null | undefined): void {
    if (!found) return this.#giveBack()
    const { cookie, ...values } = found
    const attributes = this.#settings.cookie.renewAttributes(this.#attributes, cookie.originalMaxAge ?? null)
    this.#current = { id, values: new SessionValues(values), attributes, isStored: true, isReplacement: false }
  }

  #failLoading(error: unknown): void {
    this.#loadFailure = { error, isTold: false }
    this.#giveBack()
  }

  /** Logs a failure to load the session, unless a use of the session has thrown it. */
  #logLoadFailure(): void {
    const failure = this.#loadFailure
    if (failure === undefined || failure.isTold) return
    failure.isTold = true
    this.#logUnused('The session could not be loaded; the request did not use it', failure.error)
  }

  #logUnused(message: string, error: unknown): void {
    const { server, id } = this.#carrier
    server.logger.error(message, { error, requestId: id })
  }

  /** Returns whether nothing must be written and no cookie set. */
  #isIdle(): boolean {
    if (this.#pending !== undefined || this.#failure !== undefined || this.#destroyedId !== undefined) return false
    if (this.#loadFailure !== undefined) return true
    if (this.#current === undefined) return !this.#settings.saveUninitialized
    return isAsStored(this.#current, this.#settings)
  }

  async #commit(): Promise<void> {
    // `#failure` has its error.
    await this.#pending?.catch(() => {})
    if (this.#failure !== undefined) throw this.#failure.error
    if (this.#phase === 'left') return
    this.#phase = 'saved'
    try {
      if (this.#destroyedId === undefined) await this.#save()
      else this.#removeCookie()
    } catch (error) {
      this.#phase = 'left'
      throw error
    }
  }

  async #save(): Promise<void> {
    const { saveUninitialized } = this.#settings
    const current = this.#current ?? (saveUninitialized ? this.#need() : undefined)
    if (current === undefined) return
    const saving = saveSession(current, this.#settings, this.#carrier, this.#claim)
    const line = await saving.catch((error: unknown) => this.#failSaving(error))
    // As in `#removeCookie`.
    if (line === undefined || this.#cookieId === current.id) return
    this.#cookieId = current.id
    this.#carrier.addCookieLine(line)
  }

  /** Throws the error to a request that uses its session: most others only renew its age. */
  #failSaving(error: unknown): undefined {
    if (this.#face !== undefined) throw error
    this.#logUnused('The session could not be saved; the request did not use it', error)
  }

  #removeCookie(): void {
    const { cookie } = this.#settings
    const hasCookie = cookie.isIn(this.#carrier.headers.cookie) || this.#cookieId !== undefined
    // The line is still in a response that failed afterwards.
    if (!hasCookie || this.#cookieId === null) return
    this.#cookieId = null
    this.#carrier.addCookieLine(cookie.removalLine(this.#attributes))
  }

  /** Runs changes of the session in the store one after another. Saving waits for them. */
  #run(change: () => Promise<void>): Promise<void> {
    const before = this.#pending ?? Promise.resolve()
    const pending = before.then(async () => {
      if (this.#phase === 'saved') throw tooLate()
      try {
        this.#checkLoaded()
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
    // A failure that nothing awaits is thrown when the session is saved.
    pending.then(settled, settled)
    return pending
  }

  /** Destroys a session if the store has it. */
  async #discard(current: CurrentSession | undefined): Promise<void> {
    if (current?.isStored) await this.#settings.store.remove(current.id)
    this.#giveBack()
  }

  #need(): CurrentSession {
    this.#checkLoaded()
    return (this.#current ??= this.#create())
  }

  #create(isReplacement = false): CurrentSession {
    const id = this.#settings.createId(this.#carrier)
    const values = new SessionValues()
    return { id, values, attributes: this.#attributes, isStored: false, isReplacement }
  }

  #checkLoaded(): void {
    if (this.#loadFailure === undefined) return
    this.#loadFailure.isTold = true
    throw this.#loadFailure.error
  }

  #checkOpen(): void {
    this.#checkLoaded()
    if (this.#phase === 'saved') throw tooLate()
  }

  #giveBack(): void {
    if (this.#claim !== undefined) this.#settings.store.giveBack(this.#claim)
    this.#claim = undefined
  }

  #release(): void {
    this.#phase = 'left'
    this.#giveBack()
  }
}

function tooLate(): StateError {
  return new StateError(
    'the session is already saved: change it before the end of BeforePatch, or in a streamed body before its first chunk',
    { failure: 'ERR_TRIBIND_SESSION_SAVED' },
  )
}

/** The members of the session that its face calls. */
interface SessionCore {
  readonly id: string
  /** Returns the values to read. @throws what the store failed with when the session was loaded */
  read(): SessionValues
  /** Returns the values to change. @throws as `read`; StateError after the session is saved */
  edit(): SessionValues
  /** As `edit`, and creates a session if necessary. @throws as `edit`; StateError after `destroy` */
  fill(): SessionValues
  regenerate(): Promise<void>
  destroy(): Promise<void>
}

/** What `request.session` returns. */
class SessionFace implements Session {
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

import { ConfigError, StateError } from '../base/errors.ts'
import { onDemandOfNode } from '../base/on-demand.ts'
import { workersOfProcess } from '../base/workers.ts'
import { printValue } from '../options/print-value.ts'
import type { Application } from '../http/application.ts'
import type { HeldSession, SessionCarrier, Sessions } from '../http/session.ts'
import { expressSession } from './express-session.ts'
import { GuardedStore } from './guarded-store.ts'
import { MemorySessionStore } from './memory-session-store.ts'
import { RequestSession } from './request-session.ts'
import type { SessionSettings } from './save-session.ts'
import { SessionCookie } from './session-cookie.ts'
import type { ReadSessionOptions } from './session-options.ts'
import { isSessionStore, type ServerSessionStore } from './session-store.ts'

const crypto = onDemandOfNode<typeof import('node:crypto')>('node:crypto')

/** In one of several workers, a session of the memory is lost on clients whose next connection goes to another one. */
function warnOfMemory(store: ServerSessionStore): ServerSessionStore {
  if (store instanceof MemorySessionStore)
    workersOfProcess()?.warn(
      'Each worker keeps sessions in its own memory, where the others do not find them: set the option "session.store" to a store that all share, such as one on Redis (docs/workers.md)',
    )
  return store
}

/** The sessions of one server. */
export class ServerSessions implements Sessions, SessionSettings {
  readonly cookie: SessionCookie
  readonly rolling: boolean
  readonly resave: boolean
  readonly saveUninitialized: boolean
  readonly #createId: (request: unknown) => unknown
  readonly #createStore: () => ServerSessionStore
  /** Whether the store is of this server alone, since a function created it. */
  readonly #isOfServer: boolean
  #store: GuardedStore | undefined
  #hasWarned = false

  constructor(options: ReadSessionOptions, server: Application) {
    const { rolling, resave, saveUninitialized } = options
    // A missing package fails at the start.
    expressSession()
    this.cookie = new SessionCookie(options)
    const { store = new MemorySessionStore() } = options
    this.#createStore = typeof store === 'function' ? () => warnOfMemory(checkStore(store(server))) : () => store
    if (typeof store !== 'function') warnOfMemory(store)
    this.#isOfServer = typeof store === 'function'
    this.rolling = rolling
    this.resave = resave
    this.saveUninitialized = saveUninitialized
    this.#createId = (options.genid as ((request: unknown) => unknown) | undefined) ?? createRandomId
  }

  /** Created at its first use, since the server that a function gets isn't complete before. */
  get store(): GuardedStore {
    return (this.#store ??= new GuardedStore(this.#createStore(), this.rolling))
  }

  /** Awaited by the start of the server. */
  async prepare(): Promise<void> {
    if (this.#isOfServer) await (this.store.store as ServerSessionStore).prepare?.()
  }

  openDue(carrier: SessionCarrier): HeldSession | undefined {
    if (!this.saveUninitialized && !this.cookie.isIn(carrier.headers.cookie)) return undefined
    const attributes = this.cookie.attributesFor(carrier)
    return isPathWithin(carrier.rawPath, attributes.path) ? new RequestSession(this, carrier, attributes) : undefined
  }

  covers(carrier: SessionCarrier): boolean {
    return isPathWithin(carrier.rawPath, this.cookie.attributesFor(carrier).path)
  }

  open(carrier: SessionCarrier): HeldSession {
    const attributes = this.cookie.attributesFor(carrier)
    const { path } = attributes
    if (isPathWithin(carrier.rawPath, path)) return new RequestSession(this, carrier, attributes)
    throw new StateError(
      `request.session must be used within the path ${path} of option "session.cookie", got ${carrier.rawPath}`,
      { failure: 'ERR_TRIBIND_SESSION_PATH' },
    )
  }

  createId(carrier: SessionCarrier): string {
    const id = this.#createId(carrier.face)
    if (typeof id === 'string' && id !== '') return id
    throw new ConfigError(
      `option "session.genid" must return a non-empty string, got ${id === '' ? 'an empty one' : `a value of type ${typeof id}`}`,
      { failure: 'ERR_TRIBIND_SESSION_ID' },
    )
  }

  warnOfPlainRequest({ server, id }: SessionCarrier): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    server.logger.warn(
      'A session was not kept: its cookie is for https only, and the request came over http (see trustProxy)',
      {
        requestId: id,
      },
    )
  }
}

function checkStore(store: unknown): ServerSessionStore {
  if (isSessionStore(store)) return store
  throw new ConfigError(
    `option "session.store" must return an object with the functions get, set and destroy, got ${printValue(store)}`,
    { failure: 'ERR_TRIBIND_OPTION_VALUE' },
  )
}

/** Returns an id of 192 random bits. */
function createRandomId(): string {
  return crypto().randomBytes(24).toString('base64url')
}

/** Returns whether a path matches the path of a cookie (RFC 6265, section 5.1.4). */
function isPathWithin(path: string, parent: string): boolean {
  if (!path.startsWith(parent)) return false
  return parent.endsWith('/') || path.length === parent.length || path[parent.length] === '/'
}

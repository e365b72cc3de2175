import type { Session } from '../http/session.ts'
import { SessionValues } from './session-values.ts'

/** What the session of guests needs besides its face. */
export interface GuestCore {
  /** The cookie of the session, as express-session has it. */
  readonly cookie: object
  /** Saves what has changed by now. */
  save(): Promise<void>
}

type Values = Pick<Session, 'get' | 'set' | 'has' | 'remove' | 'data'>
type Done = (error?: unknown) => void

/**
 * Returns a session as middleware for express-session knows it: values are its properties, and its methods take a callback.
 *
 * From `regenerate` or `destroy` on, it is a copy of the values that were there, as in express-session.
 */
export function createGuestSession(face: Session, core: GuestCore): object {
  const guest = new GuestSession(face, core)
  const { methods } = guest
  // What isn't a value: methods, what all objects have, symbols.
  const isOther = (key: string | symbol): key is symbol => typeof key === 'symbol' || key in methods
  return new Proxy(methods, {
    get: (_, key) => (isOther(key) ? Reflect.get(methods, key) : guest.values.get(key)),
    set(_, key, value) {
      if (isOther(key)) return Reflect.set(methods, key, value)
      guest.values.set(key, value)
      return true
    },
    has: (_, key) => isOther(key) || guest.values.has(key),
    deleteProperty(_, key) {
      if (!isOther(key)) guest.values.remove(key)
      return true
    },
    ownKeys: () => Object.keys(guest.values.data()),
    getOwnPropertyDescriptor: (_, key) =>
      isOther(key) || !guest.values.has(key)
        ? undefined
        : { value: guest.values.get(key), writable: true, enumerable: true, configurable: true },
  })
}

class GuestSession {
  values: Values
  readonly methods: object
  readonly #face: Session
  #id: string | undefined

  constructor(face: Session, core: GuestCore) {
    this.values = face
    this.#face = face
    this.methods = this.#createMethods(core)
  }

  #createMethods(core: GuestCore): object {
    const idOf = () => this.#id ?? this.#face.id
    return {
      get id() {
        return idOf()
      },
      get cookie() {
        return core.cookie
      },
      save(done?: Done) {
        void tell(core.save(), done)
        return this
      },
      regenerate: (done?: Done) => void tell(this.#leave('regenerate'), done),
      destroy: (done?: Done) => void tell(this.#leave('destroy'), done),
      // The age is renewed where it is due.
      touch() {
        return this
      },
    }
  }

  /** Another session begins, or none: what was here stays readable. */
  #leave(act: 'regenerate' | 'destroy'): Promise<void> {
    const left = new SessionValues()
    for (const [key, value] of Object.entries(this.#face.data())) left.set(key, value)
    this.#id = this.#face.id
    this.values = left as Values
    return this.#face[act]()
  }
}

async function tell(change: Promise<void>, done: Done = () => {}): Promise<void> {
  try {
    await change
  } catch (error) {
    return done(error)
  }
  done()
}

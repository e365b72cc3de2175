import type { ExpressMiddleware, ExpressSession, FacadeRequest } from './express-session.ts'
import { FacadeResponse } from './facade-response.ts'

/** One run of express-session, detached from the real request and response: those it never sees. */
export class Facade {
  readonly request: FacadeRequest
  readonly #response = new FacadeResponse()
  #isFinished = false

  constructor(request: FacadeRequest) {
    this.request = request
  }

  /** Whether the session was saved, as far as it had to be. */
  get isFinished(): boolean {
    return this.#isFinished
  }

  get session(): ExpressSession {
    return this.request.session as ExpressSession
  }

  /** Loads the session, or makes one where the request brings none; a promise only where the store is asked. */
  begin(middleware: ExpressMiddleware): void | Promise<void> {
    let outcome: { error: unknown } | undefined
    let wake: (() => void) | undefined
    middleware(this.request, this.#response, (error) => {
      outcome ??= { error }
      wake?.()
    })
    const check = () => {
      if (outcome?.error) throw outcome.error
    }
    if (outcome !== undefined) return check()
    return new Promise<void>((resolve) => (wake = resolve)).then(check)
  }

  /** Saves the session, or renews its age, as far as that is due; gives the Set-Cookie line where one is. */
  finish(): Promise<string | undefined> {
    this.#isFinished = true
    const { request } = this
    const response = this.#response
    return new Promise((resolve, reject) => {
      response.ended = () => {
        if (request.failure === undefined) resolve(response.getHeader('set-cookie')?.[0])
        else reject(request.failure.error as Error)
      }
      // Here express-session decides on the cookie, and on the rest at the end.
      response.writeHead(200)
      response.end()
    })
  }

  /** Saves once more what was saved before. */
  saveAgain(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.session.save((error) => (error ? reject(error as Error) : resolve()))
    })
  }

  /** Puts a new session in place of the one there is, which is destroyed. */
  regenerate(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.session.regenerate((error) => (error ? reject(error as Error) : resolve()))
    })
  }
}

/**
 * The one catalogue of error codes. Match on `error.code`: messages may get better, codes stay.
 */
export const errorCodes = {
  config: 'ERR_TRIBIND_CONFIG',
  route: 'ERR_TRIBIND_ROUTE',
  duplicateRoute: 'ERR_TRIBIND_DUPLICATE_ROUTE',
  state: 'ERR_TRIBIND_STATE',
  listen: 'ERR_TRIBIND_LISTEN',
  http: 'ERR_TRIBIND_HTTP',
  validation: 'ERR_TRIBIND_VALIDATION',
  response: 'ERR_TRIBIND_RESPONSE',
  cookie: 'ERR_TRIBIND_COOKIE',
  view: 'ERR_TRIBIND_VIEW',
} as const

/** A code of the catalogue. */
export type ErrorCode = (typeof errorCodes)[keyof typeof errorCodes]

/** What every error of tribind is an instance of. */
export class TribindError extends Error {
  /** Stable, from the catalogue, such as `ERR_TRIBIND_ROUTE`. */
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** An option that tribind doesn't know, or a value out of its range; the message names it. */
export class ConfigError extends TribindError {
  constructor(message: string, options?: ErrorOptions) {
    super(errorCodes.config, message, options)
  }
}

/** A registration that can't be carried out; the message names the pattern and the culprit. */
export class RouteError extends TribindError {
  constructor(message: string, options?: ErrorOptions & { code?: ErrorCode }) {
    super(options?.code ?? errorCodes.route, message, options)
  }
}

/** The same method, domain and route bound twice; the message names both and where each was bound. */
export class DuplicateRouteError extends RouteError {
  constructor(message: string) {
    super(message, { code: errorCodes.duplicateRoute })
  }
}

/** A call that the state of the server or of the request no longer allows. */
export class StateError extends TribindError {
  constructor(message: string) {
    super(errorCodes.state, message)
  }
}

/** An address the server can't listen on; the message names it, `cause` is what the system said. */
export class ListenError extends TribindError {
  constructor(message: string, options: ErrorOptions) {
    super(errorCodes.listen, message, options)
  }
}

/** What a response can't carry: a status, a header field, a redirect or a body, also one written beside a file. */
export class ResponseError extends TribindError {
  constructor(message: string) {
    super(errorCodes.response, message)
  }
}

/** A cookie that RFC 6265 forbids, or a wrong option or value of one; the message names the cookie. */
export class CookieError extends TribindError {
  constructor(message: string, options?: ErrorOptions) {
    super(errorCodes.cookie, message, options)
  }
}

/** A template that can't be found, read or rendered; the message names file and line, `cause` is what failed in it. */
export class ViewError extends TribindError {
  /** The path of the template; `undefined` for a text, and for a template that isn't there. */
  readonly file: string | undefined
  /** Where the tag at fault begins, from 1; `undefined` where that isn't known. */
  readonly line: number | undefined

  constructor(message: string, options?: ErrorOptions & { file?: string | undefined; line?: number | undefined }) {
    super(errorCodes.view, message, options)
    this.file = options?.file
    this.line = options?.line
  }
}

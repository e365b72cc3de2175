import { type ErrorCode, errorCodes, type FailureCode } from './error-codes.ts'

/** What an error has besides its message. */
export interface FailureOptions extends ErrorOptions {
  /** What failed: the code of the class, or of a failure in its family. */
  readonly failure: FailureCode
}

/** The base class of all errors of tribind. */
export class TribindError extends Error {
  /** The family, one for each class, such as `ERR_TRIBIND_ROUTE`. It never changes. */
  readonly code: ErrorCode
  /** What failed, from the catalogue, such as `ERR_TRIBIND_ROUTE_METHOD_UNKNOWN`. It never changes. */
  readonly failure: FailureCode

  constructor(code: ErrorCode, message: string, options: FailureOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
    this.failure = options.failure
  }
}

/** One thing that is wrong with a configuration. */
export interface ConfigIssue {
  /** The names down to the value, joined with dots; empty for a file as a whole. */
  readonly path: string
  /** The name of the file, or `values` or `changes` for what code set. */
  readonly source: string
  /** The line in the file, from 1; left out where it isn't known. */
  readonly line?: number
  /** Without path and source, which the message of the error has before it. */
  readonly message: string
}

/** Reports an option that doesn't exist, or a value out of its range. The message names it. */
export class ConfigError extends TribindError {
  /** Everything that is wrong with a configuration that was loaded; left out where the error is about something else. */
  declare readonly issues?: readonly ConfigIssue[]

  constructor(message: string, options: FailureOptions & { readonly issues?: readonly ConfigIssue[] }) {
    super(errorCodes.config, message, options)
    if (options.issues !== undefined) this.issues = options.issues
  }
}

/** Reports a registration that can't be carried out. The message names the pattern and the argument at fault. */
export class RouteError extends TribindError {
  constructor(message: string, options: FailureOptions & { code?: ErrorCode }) {
    super(options.code ?? errorCodes.route, message, options)
  }
}

/** Reports that the same method, domain and route are bound twice. The message names both, and where each was bound. */
export class DuplicateRouteError extends RouteError {
  constructor(message: string) {
    super(message, { code: errorCodes.duplicateRoute, failure: errorCodes.duplicateRoute })
  }
}

/** Reports a call that the state of the server or of the request doesn't allow. */
export class StateError extends TribindError {
  constructor(message: string, options: FailureOptions) {
    super(errorCodes.state, message, options)
  }
}

/** Reports an address that the server can't listen on. The message names it; `cause` is the system error. */
export class ListenError extends TribindError {
  constructor(message: string, options: FailureOptions) {
    super(errorCodes.listen, message, options)
  }
}

/** Reports a command around the life of an entry point that failed. The message names the entry point, the event and the command. */
export class CommandError extends TribindError {
  /** The text or the words of the command; for a function, its name. */
  readonly command: string
  /** The exit code; `null` if a signal ended the program, it didn't start, or the command is a function. */
  readonly exitCode: number | null
  /** The signal that ended the program; `null` if there was none. */
  readonly signal: NodeJS.Signals | null

  constructor(message: string, options: FailureOptions & Pick<CommandError, 'command' | 'exitCode' | 'signal'>) {
    super(errorCodes.command, message, options)
    this.command = options.command
    this.exitCode = options.exitCode
    this.signal = options.signal
  }
}

/** Reports what a response can't carry: a status, a header field, a redirect or a body, also one written beside a file. */
export class ResponseError extends TribindError {
  constructor(message: string, options: FailureOptions) {
    super(errorCodes.response, message, options)
  }
}

/** Reports a cookie that RFC 6265 doesn't allow, or a wrong option or value of one. The message names the cookie. */
export class CookieError extends TribindError {
  constructor(message: string, options: FailureOptions) {
    super(errorCodes.cookie, message, options)
  }
}

/** Reports a database that can't be used. The message names it, never its password; `cause` is the error of its driver. */
export class DatabaseError extends TribindError {
  constructor(message: string, options: FailureOptions) {
    super(errorCodes.database, message, options)
  }
}

/** Reports a template that can't be found, read or rendered. The message names file and line; `cause` is the original error. */
export class ViewError extends TribindError {
  /** The path of the template; `undefined` for a text, and for a template that doesn't exist. */
  readonly file: string | undefined
  /** The line on which the tag at fault begins, from 1; `undefined` if it isn't known. */
  readonly line: number | undefined

  constructor(message: string, options: FailureOptions & { file?: string | undefined; line?: number | undefined }) {
    super(errorCodes.view, message, options)
    this.file = options.file
    this.line = options.line
  }
}

/** One way out that was tried for a connection, or passed over, and why it did not serve. */
export interface EgressAttempt {
  /** The entry of `interface` as it was given, without its `!`. */
  readonly interface: string
  /** The address that the connection was bound to; `undefined` if the entry has none that fits. */
  readonly localAddress: string | undefined
  /** The address and port that were to be reached; `undefined` if it didn't come to that. */
  readonly target: string | undefined
  readonly reason: string
}

/** Reports a connection that couldn't be made from the interface that was asked for. A request that it fails is answered 502. */
export class EgressError extends TribindError {
  readonly status = 502
  /** What was tried, in order. */
  readonly attempts: readonly EgressAttempt[]

  constructor(message: string, options: FailureOptions & Pick<EgressError, 'attempts'>) {
    super(errorCodes.egress, message, options)
    this.attempts = options.attempts
  }
}

/** Reports a line of text that is missing, or that lacks a value. The message names key and language; `cause` is the error of a `format`. */
export class LanguageError extends TribindError {
  constructor(message: string, options: FailureOptions) {
    super(errorCodes.language, message, options)
  }
}

/**
 * Reports a connection that couldn't be made through a chain. The message names the hop and its nodes. A request that it fails is
 * answered with its status.
 */
export class ChainError extends TribindError {
  /** 504 if the connection took too long, else 502. */
  readonly status: 502 | 504
  /** The name of the hop at which it failed; `undefined` if none is at fault. */
  readonly hop: string | undefined
  /** The names of the nodes of that hop. */
  readonly nodes: readonly string[]

  constructor(message: string, options: FailureOptions & { hop?: string | undefined; nodes?: readonly string[] }) {
    super(errorCodes.chain, message, options)
    const { code } = (options.cause ?? {}) as { readonly code?: unknown }
    this.status = code === 'ETIMEDOUT' ? 504 : 502
    this.hop = options.hop
    this.nodes = options.nodes ?? []
  }
}

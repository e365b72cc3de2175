import type { Logger } from '../log/logger.ts'
import { isObject } from '../options/option.ts'
import { isFunction } from '../options/option-kinds.ts'

/** The server as its database sees it: one object for the server's life. */
export interface DatabaseHost {
  readonly name: string
  readonly logger: Logger
  /** Resolves when nothing is running for any request. */
  whenIdle(): Promise<void>
}

/**
 * What the option `database` takes: `database()` of `tribind/database` returns one. For another library, an application writes an
 * object with this function.
 */
export interface Database {
  /**
   * Called by each server that has it, and by `replaceDb`. Opens nothing yet.
   *
   * @returns `undefined` for no database
   */
  connect(host: DatabaseHost): DatabaseConnector | undefined
}

/** A database as one server uses it. */
export interface DatabaseConnector {
  /** What `server.db()` returns; read once the database is in its place. */
  readonly handle: unknown
  /** Takes its place in the server: that of the one before, or the first. Default: there is nothing to do. */
  use?(): void
  /** Awaited by the start, before anything listens. What it throws fails the start. Default: `ping`. */
  open?(): Promise<unknown>
  /** Rejects unless the database answers. @param timeoutMs how long it may take; the default is its own */
  ping(timeoutMs?: number): Promise<unknown>
  /** Ends all connections. Called once. */
  close(): Promise<unknown>
  /** Begins a test transaction. Resolves to the function that undoes it. Default: there are none. */
  transaction?(): Promise<() => Promise<void>>
}

/** Whether a value is a `Database`. */
export function isDatabase(value: unknown): boolean {
  return isObject(value) && isFunction((value as Partial<Database>).connect)
}

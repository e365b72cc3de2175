import type { Handler, Server } from '../index.ts'
import type { AdminParts, ConfigurationPort } from '../kit.ts'
import { conflict } from './problem.ts'
import { SharedAdmin } from './workers/shared-admin.ts'

/** Handlers by their patterns, such as `GET:/api/overview`. */
export type Endpoints = Readonly<Record<string, Handler>>

/** The server that is administered. */
export class AdminWorld {
  readonly server: Server
  readonly parts: AdminParts
  /** In milliseconds since 1970. */
  readonly startedAt: number = Date.now()

  /** `undefined` where the process runs alone. */
  readonly shared: SharedAdmin | undefined

  constructor(parts: AdminParts) {
    this.parts = parts
    this.server = parts.server as Server
    this.shared = parts.member && new SharedAdmin(parts.member, parts.options.pathPrefix)
  }

  /** @throws Problem 409 until the server starts its providers */
  get configuration(): ConfigurationPort {
    const { port } = this.parts.configuration
    if (port === undefined) throw conflict('The configuration is not there before the entry points are')
    return port
  }
}

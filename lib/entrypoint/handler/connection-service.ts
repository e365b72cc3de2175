import type { Socket } from 'node:net'
import type { Tasks } from '../../base/tasks.ts'
import type { Application } from '../../http/application.ts'
import type { Logger } from '../../log/logger.ts'
import type { Address } from '../../net/address.ts'
import type { CommandTarget } from '../commands/command-options.ts'
import type { HttpLimits, ParsedLimits, ReadLimits } from '../http-limits.ts'
import type { Statistics } from '../statistics.ts'

/** The limits that have an effect whatever is spoken. */
const ofEveryConnection = [
  'connectionsCheckingInterval',
  'highWaterMark',
  'keepAlive',
  'keepAliveInitialDelay',
  'maxConnections',
  'timeout',
] as const satisfies (keyof HttpLimits)[]

/** The place where connections come in. */
export interface ServicePlace {
  readonly server: Application
  readonly entryPoint: CommandTarget
  readonly logger: Logger
  readonly limits: ReadLimits
  /** `undefined` where nothing is counted. */
  readonly statistics: Statistics | undefined
  /** What a stop waits for, beside the connections. */
  readonly tasks: Tasks
  /** Whether connections are to end with what is under way there. */
  readonly isDraining: boolean
  /** Whether one of the server's entry points listens on an address of this machine. */
  isListenedOn(address: Address): boolean
}

/** A service that is open at one place. */
export interface OpenService {
  /**
   * Serves a connection, which has a listener for its errors, until both sides have closed it. What this throws is logged, and
   * cuts it.
   */
  serve(socket: Socket): unknown
  /** Closes the connections that wait for the next request of their clients. */
  closeIdle?(): void
  /** Releases what it holds. The last connection has ended. */
  close?(): void
}

/** What serves the connections of an entry point, in place of routes. */
export abstract class ConnectionService {
  /** What it speaks, as the scheme of a URL, such as `socks5`. */
  abstract readonly protocol: string
  /** The limits that have an effect beside those of every connection. */
  abstract readonly limits: readonly (keyof HttpLimits)[]
  /** Whether a client that has closed its side may still be sent something. */
  readonly allowHalfOpen: boolean = true
  /** Whether a client sends first: one that has sent nothing doesn't hold up a stop. */
  readonly clientSendsFirst: boolean = true

  abstract open(place: ServicePlace): OpenService

  /** Returns what is wrong with serving at some addresses, and what to do. */
  findProblem(_addresses: readonly Address[]): string | undefined {
    return undefined
  }

  /** Returns the names of the limits that are set and have no effect. */
  findIdle(limits: ParsedLimits): string[] {
    const effective = [...ofEveryConnection, ...this.limits] as readonly string[]
    return Object.keys(limits).filter((name) => !effective.includes(name))
  }
}

import type { Agent } from 'node:http'
import type { AgentOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { Dispatcher } from '../undici-package.ts'
import type { Duration } from '../../index.ts'
import { readDuration } from '../../kit.ts'
import { ConnectionsAgent } from './connections-agent.ts'
import { createDispatcher, type DispatcherOptions } from './connections-dispatcher.ts'
import type { Choice, Connections, Target } from './connections.ts'
import { AnyEgress, EgressChoice } from './egress-choice.ts'
import { type Interface, type InterfaceEntry, type ReadInterface, readInterface } from './interface-option.ts'

/** What `connect` of an egress takes besides the target. */
export interface EgressConnectOptions {
  /** The time for each attempt, and for the look-up of a name. Default 5 s. */
  timeout?: Duration
  /** Gives the connection up; the call rejects with its reason. */
  signal?: AbortSignal
  /** The address at which the client came in, which `auto` stands for. */
  localAddress?: string
}

/** Makes connections that leave from the interfaces that were asked for, and from no other address. */
export class Egress implements Connections {
  /** The interfaces as they were given, joined with `,`; empty where none were asked for. */
  readonly name: string
  /** Whether a choice depends on the address at which the client came in. */
  readonly hasAuto: boolean
  readonly #asked: ReadInterface | undefined
  #turn = 0

  /** @param asked the interfaces; `undefined` where any will do */
  constructor(asked: ReadInterface | undefined) {
    this.#asked = asked
    this.hasAuto = asked?.entries.some(({ kind }) => kind === 'auto') === true
    this.name = (asked?.entries ?? []).map(({ text, isLast }) => text + (isLast ? '!' : '')).join()
  }

  /**
   * Chooses the way of one request or connection; with `round` and `rand`, each choice takes its turn.
   *
   * @param cameIn the address at which the client came in, which `auto` stands for
   */
  choose(cameIn?: string): Choice {
    return this.#asked === undefined ? new AnyEgress() : new EgressChoice(this.#order(this.#asked), cameIn)
  }

  /**
   * Connects a socket.
   *
   * @throws EgressError if no connection could be made from the interfaces; it says what was tried and why each failed
   */
  connect(target: Target, options: EgressConnectOptions = {}): Promise<Socket> {
    const { timeout, signal, localAddress } = options
    return this.choose(localAddress).connect(target, {
      timeout: timeout === undefined ? undefined : readDuration('connect', timeout),
      signal,
    })
  }

  /** Returns an agent for `node:http` and `node:https`. It keeps connections, for each local address its own. */
  agent(options?: AgentOptions): Agent {
    return new ConnectionsAgent(this, options)
  }

  /**
   * Returns a dispatcher for `fetch` and `request` of undici. It keeps connections, for each local address its own.
   *
   * @throws ConfigError if the package `undici` is not installed
   */
  dispatcher(options?: DispatcherOptions): Dispatcher {
    return createDispatcher(this, options)
  }

  #order({ entries, strategy }: ReadInterface): readonly InterfaceEntry[] {
    if (strategy === 'fifo' || entries.length === 1) return entries
    if (strategy === 'rand') return shuffled(entries)
    const first = this.#turn
    this.#turn = (first + 1) % entries.length
    return [...entries.slice(first), ...entries.slice(0, first)]
  }
}

/** Fisher and Yates. */
function shuffled<T>(values: readonly T[]): T[] {
  const all = [...values]
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    ;[all[i], all[j]] = [all[j] as T, all[i] as T]
  }
  return all
}

/**
 * Returns an egress: what connects from an interface of this machine.
 *
 * @throws ConfigError for anything but an interface
 */
export function createEgress(from: Interface): Egress {
  return new Egress(readInterface(from, 'interface'))
}

import { channel } from 'node:diagnostics_channel'
import { checkFunction } from '../base/check-function.ts'
import { ConfigError } from '../base/errors.ts'
import type { RouteInfo } from '../http/application.ts'
import type { Logger } from '../log/logger.ts'

/** What listeners of a server are called with. */
export interface SwitchEvents {
  /** Requests are served by another version. */
  readonly switched: {
    readonly version: number
    readonly layer: string
    readonly added: readonly RouteInfo[]
    readonly removed: readonly RouteInfo[]
  }
  /** A layer was not replaced or removed. */
  readonly refused: { readonly layer: string; readonly error: unknown }
  /** Nothing runs by a version any more. */
  readonly retired: { readonly version: number }
}

export type SwitchListener<Name extends keyof SwitchEvents> = (event: SwitchEvents[Name]) => unknown

const switches = channel('tribind:switch')

/** Tells of the versions of a server: its listeners, then those of the channel `tribind:switch`. */
export class SwitchEmitter {
  readonly #logger: Logger
  readonly #listeners: { readonly [Name in keyof SwitchEvents]: Set<SwitchListener<Name>> } = {
    switched: new Set(),
    refused: new Set(),
    retired: new Set(),
  }

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** @throws ConfigError for an event that doesn't exist, and for anything but a function */
  on<Name extends keyof SwitchEvents>(name: Name, listener: SwitchListener<Name>): void {
    this.#listenersOf('on', name).add(checkFunction('on', listener))
  }

  off<Name extends keyof SwitchEvents>(name: Name, listener: SwitchListener<Name>): void {
    this.#listenersOf('off', name).delete(listener)
  }

  emit<Name extends keyof SwitchEvents>(name: Name, event: SwitchEvents[Name]): void {
    for (const listener of Array.from(this.#listeners[name])) void this.#call(name, () => listener(event))
    switches.publish(event)
  }

  /** What a listener throws, or its promise becomes, is logged: the switch has taken place. */
  async #call(name: string, listen: () => unknown): Promise<void> {
    try {
      await listen()
    } catch (error) {
      this.#logger.error(`A listener of "${name}" failed`, { error })
    }
  }

  #listenersOf<Name extends keyof SwitchEvents>(call: string, name: Name): Set<SwitchListener<Name>> {
    const names = Object.keys(this.#listeners)
    if (names.includes(name)) return this.#listeners[name]
    throw new ConfigError(`${call}: the event must be one of ${names.join(', ')}, got "${name}"`, {
      failure: 'ERR_TRIBIND_SWITCH_EVENT',
    })
  }
}

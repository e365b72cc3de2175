import { checkFunction } from '../base/check-function.ts'
import { ConfigError } from '../base/errors.ts'
import { Binder } from '../binding/binder.ts'
import { DomainRegistrar } from '../binding/domain.ts'
import { refuseExtraArguments } from '../binding/refuse-extra-arguments.ts'
import { printValue } from '../options/print-value.ts'
import type { LayerContent } from './layer-content.ts'

/**
 * Checks the name of an entry point that a build binds on.
 *
 * @param call returns what the message begins with
 * @throws ConfigError if there is none of that name
 */
export type CheckEntryPoint = (name: string, call: () => string) => void

/** What a build has of its layer. */
export interface BuildPlace {
  readonly content: LayerContent
  /** What the layer has until then; `undefined` once the build has ended. */
  before: LayerContent | undefined
  /** Aborted when the build is of no use any more. */
  readonly signal: AbortSignal
  readonly checkEntryPoint: CheckEntryPoint
}

/**
 * What a layer is to have: all registration calls, in force together when the build has ended.
 *
 * Hooks and middleware act on all requests that match, whatever layer serves them: `use()` acts on every request of the server. Those of
 * `group()` act on its own routes only.
 */
export class LayerRoutes extends DomainRegistrar {
  readonly #binder: Binder
  readonly #place: BuildPlace

  static {
    refuseExtraArguments(this.prototype)
  }

  /** @internal */
  constructor(place: BuildPlace) {
    const binder = new Binder(place.content.registry)
    super(binder)
    this.#binder = binder
    this.#place = place
  }

  /** Returns an object whose registration calls bind at one entry point only. @throws ConfigError if there is none of that name */
  entryPoint(name: string): DomainRegistrar {
    this.#place.checkEntryPoint(name, this.#naming('entryPoint'))
    return new DomainRegistrar(this.#binder.createEntryPoint(name))
  }

  /**
   * Runs a function once, when no version of the server that has these routes is served any more and the last request, event
   * stream and WebSocket of those versions has ended, whatever layer served it. If the build fails, and after a dry run, it runs at once.
   */
  onRetire(retire: () => unknown): this {
    const { content, signal } = this.#place
    checkFunction(this.#naming('onRetire'), retire)
    // Of a build that goes on although it was aborted, nothing is to remain open.
    if (signal.aborted) void new Promise((resolve) => resolve(retire())).catch(() => {})
    content.registry.checkOpen()
    content.holdings.onRetire(retire)
    return this
  }

  /**
   * Returns what the version of the layer before kept under a key, or else what a function creates.
   *
   * A value that isn't asked for again is closed when the functions of `onRetire` have run, by `[Symbol.asyncDispose]`,
   * `[Symbol.dispose]` or `close()`, the first that it has; what ends by another method is for `onRetire` to end. A promise is
   * kept as it is, and what it becomes is closed; one that rejects isn't kept. After a dry run, what it created is closed at once.
   */
  keep<T>(key: unknown, create: () => T): T {
    const { content, before } = this.#place
    if (key === undefined)
      throw new ConfigError(`${this.#naming('keep')()}: the key must not be undefined`, {
        failure: 'ERR_TRIBIND_LAYER_KEY',
      })
    checkFunction(this.#naming(`keep(${printValue(key)})`), create, 'create')
    content.registry.checkOpen()
    return content.holdings.keep(key, create, before?.holdings)
  }

  /** Returns what returns a call with its layer and line, for messages. */
  #naming(call: string): () => string {
    return () => call + this.#binder.describePlace()
  }
}

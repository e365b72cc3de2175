import { ConfigError } from '../base/errors.ts'
import type { Logger } from '../log/logger.ts'
import { runHookOf } from '../base/hook-runs.ts'

/** A part of an application that starts and stops with its server, such as a pool of connections or a watcher. */
export interface Component {
  /** The name in the log. */
  readonly name: string
  /**
   * Runs before the server listens; awaited. What it throws fails the start.
   *
   * @param signal aborted if the server stops meanwhile; the stop waits for the end of this call, at most for `stopTimeout`
   */
  start(signal: AbortSignal): unknown
  /** Runs after the shutdown hooks, awaited; only after a start that didn't throw. What it throws is logged. */
  stop(): unknown
}

/** The components of a server. They start in the order in which they were installed, and stop in reverse. */
export class Components {
  readonly #owner: object
  readonly #logger: Logger
  readonly #installed: Component[] = []
  readonly #started: Component[] = []

  /** @param owner the object whose `stop` resolves at once within `start` and `stop` of a component */
  constructor(owner: object, logger: Logger) {
    this.#owner = owner
    this.#logger = logger
  }

  /** Adds a component. @throws ConfigError for any other value */
  install(component: Component): void {
    const { name, start, stop } = (component ?? {}) as Partial<Component>
    const isFunction = (value: unknown) => typeof value === 'function'
    const isThere = { name: typeof name === 'string', start: isFunction(start), stop: isFunction(stop) }
    const missing = Object.entries(isThere).flatMap(([member, there]) => (there ? [] : member))
    if (missing.length > 0)
      throw new ConfigError(
        `install: the component must be an object with a name and the functions start and stop, lacks ${missing.join(', ')}`,
        { failure: 'ERR_TRIBIND_COMPONENT' },
      )
    this.#installed.push(component)
  }

  /** Starts all or none: if one fails or the signal is aborted, those that have started are stopped. */
  async start(signal: AbortSignal): Promise<void> {
    try {
      for (const component of this.#installed) {
        await runHookOf(this.#owner, () => component.start(signal))
        this.#started.push(component)
        signal.throwIfAborted()
      }
    } catch (error) {
      await this.stop()
      // After the abort, the reason for any failure is the abort.
      signal.throwIfAborted()
      throw error
    }
  }

  /** Stops those that have started, the last first. */
  async stop(): Promise<void> {
    for (let component = this.#started.pop(); component !== undefined; component = this.#started.pop()) {
      const { name } = component
      try {
        const stopping = component
        await runHookOf(this.#owner, () => stopping.stop())
      } catch (error) {
        this.#logger.error(`Component "${name}" failed to stop`, { error })
      }
    }
  }
}

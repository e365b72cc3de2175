import { ConfigError } from '../base/errors.ts'
import type { Logger } from '../log/logger.ts'
import { runHookOf } from './hook-runs.ts'

/** A part of an application that starts and stops with its server, such as a pool of connections or a watcher. */
export interface Component {
  /** For the log. */
  readonly name: string
  /**
   * Runs before the server listens; awaited. What it throws fails the start.
   *
   * @param signal is aborted when the server stops meanwhile; the stop waits for the end of this call, `stopTimeout` at most
   */
  start(signal: AbortSignal): unknown
  /** Runs after the shutdown hooks, awaited; only after a start that didn't throw. What it throws is logged. */
  stop(): unknown
}

/** The components of a server: started in the order they were installed, stopped in reverse. */
export class Components {
  readonly #owner: object
  readonly #logger: Logger
  readonly #installed: Component[] = []
  readonly #started: Component[] = []

  /** @param owner whose `stop` resolves at once within `start` and `stop` of a component */
  constructor(owner: object, logger: Logger) {
    this.#owner = owner
    this.#logger = logger
  }

  /** @throws ConfigError for what isn't a component */
  install(component: Component): void {
    const { name, start, stop } = (component ?? {}) as Partial<Component>
    if (typeof name !== 'string' || typeof start !== 'function' || typeof stop !== 'function')
      throw new ConfigError('install: a component must be an object with a name and the functions start and stop')
    this.#installed.push(component)
  }

  /** Starts all, or none: where one fails or the signal is aborted, those that have started are stopped. */
  async start(signal: AbortSignal): Promise<void> {
    try {
      for (const component of this.#installed) {
        await runHookOf(this.#owner, () => component.start(signal))
        this.#started.push(component)
        signal.throwIfAborted()
      }
    } catch (error) {
      await this.stop()
      // What fails then, fails since it was aborted.
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

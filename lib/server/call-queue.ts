import { setImmediate } from 'node:timers/promises'

/** Runs what calls do after the calls before them for the same name. */
export class CallQueue {
  /** The last call for each name, which the next one waits for. */
  readonly #calls = new Map<string, Promise<unknown>>()

  async run<T>(name: string, act: () => Promise<T>): Promise<T> {
    const before = this.#calls.get(name)
    const call = (async () => {
      await before?.catch(() => {})
      try {
        return await act()
      } finally {
        // A loop of calls would keep all else waiting, and what is closed open: Node.js lets go of a socket in the next turn.
        await setImmediate()
      }
    })()
    this.#calls.set(name, call)
    try {
      return await call
    } finally {
      if (this.#calls.get(name) === call) this.#calls.delete(name)
    }
  }

  /** Resolves when the calls under way have ended. */
  whenSettled(): Promise<unknown> {
    return Promise.allSettled(this.#calls.values())
  }
}

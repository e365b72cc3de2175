/** Runs changes one after another, so that none comes between the check of a condition and what depends on it. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change)
    this.#last = result.catch(() => {})
    return result
  }
}

/** Something that stays open after its head has gone out: an event stream, a WebSocket. */
export interface OpenStream {
  /** Ends it the way its protocol has it; the client may take its time. */
  end(): void
  /** Closes its connection at once. */
  cut(): void
}

/** All that stays open on one server, so that a stop can end it. */
export class OpenStreams {
  readonly #open = new Set<OpenStream>()
  #isClosing = false
  #resolveEmpty: (() => void) | undefined

  /** Once the server stops, what is added is ended at once. */
  add(stream: OpenStream): void {
    this.#open.add(stream)
    if (this.#isClosing) stream.end()
  }

  remove(stream: OpenStream): void {
    this.#open.delete(stream)
    if (this.#open.size === 0) this.#resolveEmpty?.()
  }

  /** Ends all there is and resolves when it has gone; what hasn't after `timeoutMs` is cut. */
  async close(timeoutMs: number): Promise<void> {
    this.#isClosing = true
    for (const stream of this.#open) stream.end()
    if (this.#open.size === 0) return
    const empty = new Promise<void>((resolve) => (this.#resolveEmpty = resolve))
    const timer = setTimeout(() => {
      for (const stream of this.#open) stream.cut()
      this.#resolveEmpty?.()
    }, timeoutMs)
    await empty
    clearTimeout(timer)
  }
}

import { pause } from './pause.ts'

/** Wakes what waits for it, or what will. */
export class Bell {
  #stopWaiting: AbortController | undefined
  #wasRung = false

  ring(): void {
    this.#wasRung = true
    this.#stopWaiting?.abort()
  }

  /** Waits until it has rung since the last call, or so many milliseconds have passed, or the signal is aborted. */
  async heard(ms: number, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController()
    const stop = () => waiting.abort()
    this.#stopWaiting = waiting
    signal.addEventListener('abort', stop)
    if (this.#wasRung || signal.aborted) stop()
    await pause(ms, waiting.signal)
    signal.removeEventListener('abort', stop)
    this.#wasRung = false
  }
}

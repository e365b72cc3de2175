import { unlessAborted } from '../../base/unless-aborted.ts'
import type { EventQueue } from './event-queue.ts'
import type { ObserverEvent } from './observer-event.ts'
import type { ReadObserver } from './observer-options.ts'
import { postEvents, type Receiver } from './post-events.ts'

/** Called after each delivery, with what it failed with. */
export type OnDelivery = (failure: unknown) => void

/** A delivery under way. */
interface Attempt {
  /** The number of its newest event. */
  readonly lastSeq: number
  readonly controller: AbortController
}

/** Delivers the events of a queue, one request at a time. After a failure it waits until `resume` is called. */
export class Deliveries {
  options: ReadObserver
  readonly #queue: EventQueue
  readonly #onDelivery: OnDelivery
  #isWaiting = false
  #isSending = false
  #sent: Promise<void> = Promise.resolve()
  #attempt: Attempt | undefined
  /** When all must be over, on the clock of `performance.now()`. */
  #deadline = Infinity
  #finished: Promise<void> | undefined

  constructor(queue: EventQueue, options: ReadObserver, onDelivery: OnDelivery) {
    this.#queue = queue
    this.options = options
    this.#onDelivery = onDelivery
  }

  /** Delivers what is pending. Resolves when all of it was accepted, or at the first failure. */
  send(): Promise<void> {
    if (!this.#isSending) this.#sent = this.#sendAll()
    return this.#sent
  }

  /** Delivers what is pending, also after a failure. */
  resume(): Promise<void> {
    this.#isWaiting = false
    return this.send()
  }

  /** Delivers what is pending a last time. Resolves after `timeout` at the latest; from then on nothing is delivered. */
  finish(): Promise<void> {
    this.#finished ??= this.#finish()
    return this.#finished
  }

  async #finish(): Promise<void> {
    const { timeout } = this.options
    this.#deadline = performance.now() + timeout
    const attempt = this.#attempt
    const isStale = attempt !== undefined && attempt.lastSeq < this.#queue.lastSeq
    // A receiver that doesn't respond must leave time for a request that has everything.
    const abort = () => attempt?.controller.abort(new Error('gave way to the last delivery'))
    const giveWay = isStale ? setTimeout(abort, timeout / 2) : undefined
    await this.#sent
    clearTimeout(giveWay)
    await this.resume()
    this.#deadline = -Infinity
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true
    // What is told runs no code of an application.
    await Promise.resolve()
    while (this.#queue.length > 0 && !this.#isWaiting && this.#timeLeft > 0) await this.#deliver()
    this.#isSending = false
  }

  get #timeLeft(): number {
    return this.#deadline - performance.now()
  }

  async #deliver(): Promise<void> {
    const events = this.#queue.list()
    const ms = Math.round(Math.min(this.options.timeout, this.#timeLeft))
    const controller = new AbortController()
    this.#attempt = { lastSeq: this.#queue.lastSeq, controller }
    const timer = setTimeout(() => controller.abort(new Error(`no response within ${ms} ms`)), ms)
    let failure: unknown
    try {
      await unlessAborted(controller.signal, this.#report(events, controller.signal))
      this.#queue.accept(events)
    } catch (error) {
      this.#isWaiting = true
      failure = error ?? new Error('the observer threw nothing')
    }
    clearTimeout(timer)
    this.#attempt = undefined
    this.#onDelivery(failure)
  }

  async #report(events: readonly ObserverEvent[], signal: AbortSignal): Promise<void> {
    const { report } = this.options
    // Without a function there is a URL.
    if (report === undefined) return postEvents(this.options as Receiver, events, signal)
    // A copy: what the function changes isn't sent again.
    const verdict = await report(structuredClone(events) as ObserverEvent[], signal)
    if (verdict === false) throw new Error('the function returned false')
  }
}

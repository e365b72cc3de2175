import { BodyFlow, type BodyOrigin, type BodySink } from './body-flow.ts'

interface Outcome {
  resolve(bytes: Buffer): void
  reject(error: Error): void
}

/** Reads all of a body at once. */
export function collectBytes(origin: BodyOrigin, maxBytes: number, outcome: Outcome): void {
  new BodyFlow(origin, maxBytes, new Collector(outcome)).start()
}

class Collector implements BodySink {
  readonly #chunks: Buffer[] = []
  readonly #outcome: Outcome

  constructor(outcome: Outcome) {
    this.#outcome = outcome
  }

  receive(chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  finish(): void {
    const isOne = this.#chunks.length === 1
    this.#outcome.resolve(isOne ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks))
  }

  fail(error: Error): void {
    this.#outcome.reject(error)
  }
}

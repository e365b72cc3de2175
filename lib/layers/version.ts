import type { LayerContent } from './layer-content.ts'
import type { RetiredTraffic } from './switch-target.ts'

/** What is served between two switches. */
export class Version {
  /** Of the server. */
  number: number
  /** In order of their layers. */
  readonly contents: readonly LayerContent[]
  readonly #traffics = new Set<RetiredTraffic>()
  #over: Promise<void> | undefined = undefined
  #end!: () => void
  readonly #whenEnded = new Promise<void>((resolve) => (this.#end = resolve))

  constructor(number: number, contents: readonly LayerContent[]) {
    this.number = number
    this.contents = contents
    for (const content of contents) content.hold()
  }

  /** What is still under way by it at places that it serves no more. */
  get traffics(): Iterable<RetiredTraffic> {
    return this.#traffics
  }

  contentOf(layer: string): LayerContent | undefined {
    return this.contents.find((content) => content.layer === layer)
  }

  /** Adds what is still under way by it at a place that it serves no more. */
  add(traffic: RetiredTraffic): void {
    this.#traffics.add(traffic)
    void traffic.whenOver().then(() => this.#traffics.delete(traffic))
  }

  /** Resolves when nothing runs by it and what it alone had is released. To be called once it serves nowhere. */
  retire(): Promise<void> {
    this.#over ??= this.#retire()
    return this.#over
  }

  /** Waits for nothing any more. */
  end(): void {
    this.#end()
  }

  async #retire(): Promise<void> {
    await Promise.race([this.#whenEnded, this.#whenOver()])
    for (const content of this.contents) await content.letGo()
  }

  async #whenOver(): Promise<void> {
    while (this.#traffics.size > 0) await Promise.all([...this.#traffics].map((traffic) => traffic.whenOver()))
  }
}

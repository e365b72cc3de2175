import type { ConfigurationSink } from '../../../index.ts'
import { hashOf, readPart } from '../file/part.ts'
import { createSourceError, PartsPublisher } from '../file/parts-publisher.ts'
import { pause } from '../pause.ts'
import { fetchDocument } from './fetch-document.ts'

const FIRST_PAUSE_MS = 500
const LAST_PAUSE_MS = 30_000

/** What is followed. */
export interface FollowedUrl {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** In milliseconds. */
  readonly period: number
}

/** Gets the document at a URL for one server, again and again. */
export class UrlFollower {
  readonly #followed: FollowedUrl
  readonly #signal: AbortSignal
  readonly #publisher: PartsPublisher
  /** Without what may be secret. */
  readonly #source: string
  #etag: string | undefined
  /** Of what was told last. */
  #hash: string | undefined
  #failures = 0
  #looking: Promise<void> = Promise.resolve()

  constructor(followed: FollowedUrl, sink: ConfigurationSink, signal: AbortSignal) {
    this.#followed = followed
    this.#signal = signal
    this.#publisher = new PartsPublisher(sink)
    this.#source = `${followed.url.origin}${followed.url.pathname}`
  }

  /** Follows until the signal is aborted. */
  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      await this.#look()
      await pause(this.#pauseMs, this.#signal)
    }
  }

  /** Gets and publishes, also what is published already. Resolves when it is applied or refused. */
  async reload(): Promise<void> {
    await this.#look(() => {
      this.#etag = undefined
      this.#hash = undefined
    })
    await this.#publisher.settled
  }

  /** One after another. */
  #look(prepare?: () => void): Promise<void> {
    this.#looking = this.#looking.then(prepare).then(() => this.#get())
    return this.#looking
  }

  async #get(): Promise<void> {
    const { url, headers } = this.#followed
    try {
      const document = await fetchDocument({ url, headers, etag: this.#etag, signal: this.#signal })
      if (this.#signal.aborted) return
      this.#failures = 0
      if (document === undefined) return this.#publisher.confirm()
      this.#etag = document.etag
      this.#tell(document.text, document.kind)
    } catch (error) {
      if (this.#signal.aborted) return
      this.#failures++
      this.#publisher.miss(createSourceError(this.#source, (error as Error).message))
    }
  }

  #tell(text: string, kind: string): void {
    const hash = hashOf(`${kind}\n${text}`)
    const isNews = hash !== this.#hash
    this.#hash = hash
    if (!isNews) return this.#publisher.confirm()
    const part = readPart(this.#source, text, kind)
    this.#publisher.tell(new Map([[this.#source, part]]), this.#etag ?? part.hash)
  }

  /** Servers that were started together shall not ask together. */
  get #pauseMs(): number {
    const { period } = this.#followed
    const growing = FIRST_PAUSE_MS * 2 ** Math.min(this.#failures - 1, 20)
    const pause = this.#failures === 0 ? period : Math.min(growing, Math.max(period, LAST_PAUSE_MS))
    return pause * (0.9 + 0.2 * Math.random())
  }
}

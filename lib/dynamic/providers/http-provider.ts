import { ConfigError, type ConfigurationProvider, type Duration, type ConfigurationSink } from '../../index.ts'
import {
  type Complete,
  defineOptions,
  duration,
  flag,
  isField,
  isObject,
  option,
  type OptionTable,
  printValue,
  text,
} from '../../kit.ts'
import { hashOf, readPart } from './file/part.ts'
import { createSourceError, PartsPublisher } from './file/parts-publisher.ts'
import { pause } from './pause.ts'
import { fetchDocument } from './http/fetch-document.ts'

/** The options of `httpProvider`. */
export interface HttpProviderOptions {
  /** How long it waits from one request to the next, give or take a tenth; after failures, from 0.5 s on and longer each time, up to 30 s or this. Default 5 s. */
  period?: Duration
  /** Sent with each request, never to another origin. */
  headers?: Readonly<Record<string, string>>
  /** Whether the start waits until a configuration of it is served. Default false. */
  required?: boolean
  /** Default `http`. */
  name?: string
}

/** The options with their defaults; times are in milliseconds. */
export type ReadHttpProviderOptions = Complete<HttpProviderOptions> & { readonly period: number }

/** The table of the options of `httpProvider`. */
export const httpProviderOptions: OptionTable<HttpProviderOptions, ReadHttpProviderOptions> = defineOptions(
  {
    period: duration(1, { default: '5s' }),
    headers: option(areHeaders, 'an object of texts that are valid header fields', { default: {}, secret: true }),
    required: flag({ default: false }),
    name: text({ default: 'http' }),
  },
  { owner: 'httpProvider' },
)

/**
 * Provides the configuration at a URL: JSON, YAML or TOML by its `Content-Type`, else by the extension of the path, else JSON; up to
 * 8 MiB. It asks for it again and again, by its `ETag` where it has one, and follows redirects within the origin.
 *
 * @param url with `http:` or `https:`. A user name and a password in it are sent as `Authorization`.
 */
export function httpProvider(url: string | URL, options: HttpProviderOptions = {}): ConfigurationProvider {
  const { period, headers, required, name } = httpProviderOptions.parse(options)
  const address = readUrl(url)
  const followers = new Set<UrlFollower>()
  return {
    name,
    required,
    async provide(sink, signal) {
      const follower = new UrlFollower({ url: address, headers, period }, sink, signal)
      followers.add(follower)
      await follower.run().finally(() => followers.delete(follower))
    },
    async reload() {
      await Promise.all([...followers].map((follower) => follower.reload()))
    },
  }
}

function areHeaders(value: unknown): boolean {
  return isObject(value) && Object.entries(value).every((field) => isField(...field))
}

/** @throws ConfigError, without the URL: it may have a password */
function readUrl(url: unknown): URL {
  const isUrl = url instanceof URL || (typeof url === 'string' && URL.canParse(url))
  const read = isUrl ? new URL(url) : undefined
  if (read !== undefined && /^https?:$/.test(read.protocol)) return read
  const got = typeof url === 'string' ? 'another text' : printValue(url)
  throw new ConfigError(`httpProvider: the URL must begin with http:// or https://, got ${read?.protocol ?? got}`, {
    failure: 'ERR_TRIBIND_OPTION_VALUE',
  })
}

const FIRST_PAUSE_MS = 500
const LAST_PAUSE_MS = 30_000

/** What is followed. */
interface FollowedUrl {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** In milliseconds. */
  readonly period: number
}

/** Gets the document at a URL for one server, again and again. */
class UrlFollower {
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

import { validateHeaderName, validateHeaderValue } from 'node:http'
import { ConfigError, type ConfigurationProvider, type Duration } from '../../index.ts'
import {
  type Complete,
  defineOptions,
  duration,
  flag,
  isObject,
  option,
  type OptionTable,
  printValue,
  text,
} from '../../kit.ts'
import { UrlFollower } from './http/url-follower.ts'

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
  return isObject(value) && Object.entries(value).every(isHeader)
}

function isHeader([name, value]: readonly [string, unknown]): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value as string)
    return typeof value === 'string'
  } catch {
    return false
  }
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

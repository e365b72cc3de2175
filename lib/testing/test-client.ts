import { type OutgoingHttpHeaders, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { parseHost } from '../net/host.ts'
import { lowerNames } from '../net/lower-names.ts'
import { answerTo, type InjectOptions, type InjectResult, toRequestOptions } from '../server/inject.ts'
import type { Server } from '../server/server.ts'
import { firstPlaceOf } from './first-place.ts'
import { type Place, TestCookies } from './test-cookies.ts'
import { type Encoded, encodeRequest, type TestRequestOptions } from './test-request.ts'

/** What holds for all requests of a client. */
export interface TestClientOptions {
  /** Each request may have others instead. `host` says for which domain cookies are kept, too. */
  headers?: OutgoingHttpHeaders
  /** How many redirects are followed; the one after them is the answer. Default 0. */
  redirects?: number
}

/** An answer, read to its end. */
export interface TestResponse extends InjectResult {
  /** The request target that gave it, the last one where redirects were followed. */
  readonly url: string
}

type Options = TestRequestOptions
type Send = (request: Encoded) => Promise<InjectResult>

/**
 * Makes a client for a server: over real sockets where it is ready by now, or else through `inject`, so that it need not
 * be started at all.
 */
export function createTestClient(server: Server, options: TestClientOptions = {}): TestClient {
  return server.isReady()
    ? new TestClient(sendToServer(server), server.scheme, firstPlaceOf(server).host, options)
    : new TestClient((request) => server.inject(request), server.scheme, 'localhost', options)
}

/** Sends requests to a server and keeps its cookies from one to the next, as a browser does. */
export class TestClient {
  readonly cookies: TestCookies
  readonly #send: Send
  readonly #scheme: 'http' | 'https'
  readonly #headers: OutgoingHttpHeaders
  readonly #redirects: number

  /** @internal */
  constructor(send: Send, scheme: 'http' | 'https', host: string, { headers, redirects = 0 }: TestClientOptions) {
    this.#send = send
    this.#scheme = scheme
    this.#headers = { host, ...lowerNames(headers) }
    this.#redirects = redirects
    this.cookies = new TestCookies(hostOf(this.#headers))
  }

  get(url: string, options?: Options): Promise<TestResponse> {
    return this.request('GET', url, options)
  }

  head(url: string, options?: Options): Promise<TestResponse> {
    return this.request('HEAD', url, options)
  }

  post(url: string, options?: Options): Promise<TestResponse> {
    return this.request('POST', url, options)
  }

  put(url: string, options?: Options): Promise<TestResponse> {
    return this.request('PUT', url, options)
  }

  patch(url: string, options?: Options): Promise<TestResponse> {
    return this.request('PATCH', url, options)
  }

  delete(url: string, options?: Options): Promise<TestResponse> {
    return this.request('DELETE', url, options)
  }

  /**
   * Sends a request by any method; `url` goes out as it is.
   *
   * A `cookie` among the headers takes the place of those that are kept. A redirect to another host is the answer, since
   * no other is there to be asked.
   */
  async request(method: string, url: string, options: Options = {}): Promise<TestResponse> {
    const headers = { ...this.#headers, ...lowerNames(options.headers) }
    let request = await encodeRequest(method, url, { ...options, headers })
    for (let left = options.redirects ?? this.#redirects; ; left--) {
      const result = await this.#exchange(request)
      const next = left > 0 ? followRedirect(request, result, this.#placeOf(request)) : undefined
      if (next === undefined) return { ...result, url: request.url }
      request = next
    }
  }

  async #exchange(request: Encoded): Promise<InjectResult> {
    const place = this.#placeOf(request)
    const cookie = this.cookies.header(place)
    const result = await this.#send({ ...request, headers: { ...(cookie && { cookie }), ...request.headers } })
    this.cookies.take(result.headers['set-cookie'] ?? [], place)
    return result
  }

  #placeOf({ url, headers }: Encoded): Place {
    // Behind a proxy that ends TLS, the browser in front of it speaks https.
    const isSecure = this.#scheme === 'https' || headers['x-forwarded-proto'] === 'https'
    return { host: hostOf(headers), path: url.split('?', 1)[0] as string, isSecure }
  }
}

function hostOf({ host }: OutgoingHttpHeaders): string {
  return parseHost(String(host)) ?? ''
}

const redirects = new Set([301, 302, 303, 307, 308])

/** The request that a browser makes after a redirect; `undefined` for other answers, and where it leads to another host. */
function followRedirect(request: Encoded, { status, headers }: InjectResult, from: Place): Encoded | undefined {
  const { location } = headers
  if (!redirects.has(status) || location === undefined) return undefined
  const origin = `${from.isSecure ? 'https' : 'http'}://${String(request.headers.host)}`
  const target = new URL(location, origin + request.url)
  if (target.origin !== new URL(origin).origin) return undefined
  const url = target.pathname + target.search
  return becomesGet(status, request.method) ? { ...withoutBody(request), method: 'GET', url } : { ...request, url }
}

/** RFC 9110, section 15.4: a 303 asks for another page by GET; after a 301 or 302, browsers make a POST a GET. */
function becomesGet(status: number, method: string): boolean {
  return (status === 303 && method !== 'HEAD') || ((status === 301 || status === 302) && method === 'POST')
}

function withoutBody(request: Encoded): Encoded {
  const headers = Object.entries(request.headers).filter(([name]) => !name.startsWith('content-'))
  return { ...request, headers: Object.fromEntries(headers), body: undefined }
}

/** Sends requests to the first address of a running server, each on a connection of its own. */
function sendToServer(server: Server): (request: InjectOptions) => Promise<InjectResult> {
  const { host, socketPath } = firstPlaceOf(server)
  const origin = `${server.scheme}://${host}`
  const send = server.scheme === 'https' ? requestHttps : requestHttp
  return (options) => {
    // A connection that is kept would outlive the test; and a test's certificate is one that nobody vouches for.
    const fixed = { ...(socketPath && { socketPath }), agent: false, rejectUnauthorized: false }
    const outgoing = send(origin, { ...toRequestOptions(options), ...fixed })
    return answerTo(outgoing, options)
  }
}

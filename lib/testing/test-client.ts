import type { OutgoingHttpHeaders } from 'node:http'
import { StateError } from '../base/errors.ts'
import type { Declaration } from '../declare/declaration.ts'
import type { DeclarationParts } from '../declare/declaration-parts.ts'
import { parseHost } from '../net/host.ts'
import { lowerNames } from '../net/lower-names.ts'
import { encodeRequest, type InjectResult, readResponse } from '../server/inject.ts'
import type { Server } from '../server/server.ts'
import { type CallArguments, type CallInput, prepareCall } from './declared-call.ts'
import { limitDefaultLogger } from './quiet-logger.ts'
import { type LiveRequest, openRequest, placeOf } from './running-server.ts'
import { type CookieScope, TestCookies } from './test-cookies.ts'
import { openTestEventStream, type TestEventStream, type TestEventStreamOptions } from './test-event-stream.ts'
import { followRedirect, type PreparedRequest, prepareRequest, type TestRequestOptions } from './test-request.ts'
import { openTestWebSocket, type TestWebSocket, type TestWebSocketOptions } from './test-web-socket.ts'

/** Applies to all requests of a client. */
export interface TestClientOptions {
  /** A field of a request replaces that of the client. `host` is also the domain that cookies are kept for. */
  headers?: OutgoingHttpHeaders
  /** How many redirects to follow; the result is the response after them. Default 0. */
  redirects?: number
}

/** A response, read to its end. */
export interface TestResponse extends InjectResult {
  /** The request target that produced it, the last one where redirects were followed. */
  readonly url: string
}

type Options = TestRequestOptions

/**
 * Creates a client for a server. Its requests go over real sockets if the server is running, or else through `inject`,
 * so the server need not be started.
 */
export function createTestClient(server: Server, options: TestClientOptions = {}): TestClient {
  return new TestClient(server, options)
}

/** Sends requests to a server and keeps its cookies from one to the next, as a browser does. */
export class TestClient {
  readonly cookies: TestCookies
  readonly #server: Server
  readonly #send: (request: PreparedRequest) => Promise<InjectResult>
  readonly #headers: OutgoingHttpHeaders
  readonly #redirects: number

  /** @internal */
  constructor(server: Server, { headers, redirects = 0 }: TestClientOptions) {
    limitDefaultLogger(server)
    const isRunning = server.isReady()
    this.#server = server
    // A client knows the first address alone, which may be that of another entry point.
    this.#send = (request) =>
      isRunning && request.entryPoint === undefined ? sendOverSocket(server, request) : server.inject(request)
    this.#headers = { host: isRunning ? placeOf(server).host : 'localhost', ...lowerNames(headers) }
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
   * Sends a request by any method; `url` is sent as it is.
   *
   * A `cookie` among the headers replaces the kept ones. A redirect to another host isn't followed: there is no server
   * for it.
   */
  async request(method: string, url: string, options: Options = {}): Promise<TestResponse> {
    let request = await prepareRequest(method, url, { ...options, headers: this.#headersOf(options.headers) })
    for (let left = options.redirects ?? this.#redirects; ; left--) {
      const result = await this.#exchange(request)
      const next = left > 0 ? followRedirect(request, result, this.#scopeOf(request).isSecure) : undefined
      if (next === undefined) return { ...result, url: request.url }
      request = next
    }
  }

  /**
   * Calls the endpoint that has a declaration, of several the first in matching order, with an input as its schemas take it. Redirects
   * aren't followed.
   *
   * The body of an endpoint whose results go through `mapResults` isn't checked, and nothing is where no responses are declared.
   *
   * @throws RouteError where no endpoint has the declaration; ResponseError for a status that isn't declared, and for a body that its schema
   * refuses
   */
  async call<Parts extends DeclarationParts>(
    declaration: Declaration<Parts>,
    ...[input = {} as CallInput<Parts>]: CallArguments<Parts>
  ): Promise<TestResponse> {
    const { method, url, options, ...call } = prepareCall(this.#server, declaration, input, String(this.#headers.host))
    const request = await prepareRequest(method, url, { ...options, headers: this.#headersOf(options.headers) })
    const kept = this.cookies.header(this.#scopeOf(request)) ?? []
    const cookie = [call.cookies, kept].flat().join('; ')
    const headers = { ...(call.cookies.length > 0 && { cookie }), ...request.headers }
    const { entryPoint } = call
    const result = await this.#exchange({ ...request, headers, ...(entryPoint !== undefined && { entryPoint }) })
    await call.check(result)
    return { ...result, url }
  }

  /**
   * Opens a WebSocket; resolves when it is open. It sends the header fields and cookies of the client.
   *
   * @throws an error for a handshake that is refused, with the response; StateError for a server that isn't running
   */
  async webSocket(url: string, options: TestWebSocketOptions = {}): Promise<TestWebSocket> {
    return openTestWebSocket(this.#openLive('webSocket', url, options.headers), options)
  }

  /**
   * Opens an event stream; resolves when its response has begun. It sends the header fields and cookies of the client.
   *
   * @throws an error for a response that isn't an event stream; StateError for a server that isn't running
   */
  async events(url: string, options: TestEventStreamOptions = {}): Promise<TestEventStream> {
    return openTestEventStream(this.#openLive('events', url, options.headers), options)
  }

  #headersOf(headers: OutgoingHttpHeaders | undefined): OutgoingHttpHeaders {
    return { ...this.#headers, ...lowerNames(headers) }
  }

  async #exchange(request: PreparedRequest): Promise<InjectResult> {
    const scope = this.#scopeOf(request)
    const result = await this.#send({ ...request, headers: this.#withCookies(request.headers, scope) })
    this.cookies.take(result.headers['set-cookie'] ?? [], scope)
    return result
  }

  #openLive(method: string, url: string, given: OutgoingHttpHeaders | undefined): LiveRequest {
    if (!this.#server.isReady())
      throw new StateError(`client.${method}() needs a running server: start it, or use createTestServer()`, {
        failure: 'ERR_TRIBIND_SERVER_NOT_RUNNING',
      })
    const headers = this.#headersOf(given)
    const scope = this.#scopeOf({ url, headers })
    const takeCookies = (lines: readonly string[]) => this.cookies.take(lines, scope)
    return { server: this.#server, url, headers: this.#withCookies(headers, scope), takeCookies }
  }

  #withCookies(headers: OutgoingHttpHeaders, scope: CookieScope): OutgoingHttpHeaders {
    const cookie = this.cookies.header(scope)
    return { ...(cookie && { cookie }), ...headers }
  }

  #scopeOf({ url, headers }: Pick<PreparedRequest, 'url' | 'headers'>): CookieScope {
    // Behind a proxy that terminates TLS, the browser in front of it speaks https.
    const isSecure = this.#server.scheme === 'https' || headers['x-forwarded-proto'] === 'https'
    return { host: hostOf(headers), path: url.split('?', 1)[0] as string, isSecure }
  }
}

function hostOf({ host }: OutgoingHttpHeaders): string {
  return parseHost(String(host)) ?? ''
}

async function sendOverSocket(server: Server, request: PreparedRequest): Promise<InjectResult> {
  const encoded = await encodeRequest(request)
  return readResponse(openRequest(server, encoded.options), encoded)
}

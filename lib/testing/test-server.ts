import type { InjectOptions, InjectResult } from '../server/inject.ts'
import type { Server } from '../server/server.ts'
import { firstPlaceOf } from './first-place.ts'
import { createTestClient, type TestClient, type TestClientOptions } from './test-client.ts'
import { whenIdle } from './when-idle.ts'

/** A server that runs for a test; `await using` stops it at the end of its block. */
export class TestServer implements AsyncDisposable {
  readonly server: Server
  /** Where it is reached, without a slash at the end: `http://127.0.0.1:40123`, or `unix:/run/app.sock`. */
  readonly url: string
  readonly port: number

  /** @internal */
  constructor(server: Server) {
    this.server = server
    this.url = firstPlaceOf(server).url
    this.port = server.port
  }

  /** A client with cookies of its own, whose requests go over real sockets, each on a connection of its own. */
  client(options?: TestClientOptions): TestClient {
    return createTestClient(this.server, options)
  }

  /** The `fetch` of Node.js on a path of this server: for answers that are read as they come. */
  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.url}${path}`, init)
  }

  /** `server.inject`: serves a request without a network. */
  inject(request?: InjectOptions): Promise<InjectResult> {
    return this.server.inject(request)
  }

  /** Resolves when the close events of all requests so far have run, and nothing runs for any of them. */
  whenIdle(): Promise<void> {
    return whenIdle(this.server)
  }

  /** Stops the server: requests in flight finish, then its shutdown hooks run. */
  stop(): Promise<void> {
    return this.server.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

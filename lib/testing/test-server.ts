import type { AddressInfo } from 'node:net'
import type { InjectOptions, InjectResult } from '../server/inject.ts'
import type { Rollback } from '../server/server-database.ts'
import type { Server } from '../server/server.ts'
import { placeOf } from './running-server.ts'
import { createTestClient, type TestClient, type TestClientOptions } from './test-client.ts'
import { whenIdle } from './when-idle.ts'

/** A running server for a test; `await using` stops it at the end of its block. */
export class TestServer implements AsyncDisposable {
  readonly server: Server
  /** The address without a slash at the end: `http://127.0.0.1:40123`, or `unix:/run/app.sock`. */
  readonly url: string
  readonly port: number

  /** @internal */
  constructor(server: Server) {
    this.server = server
    this.url = placeOf(server).url
    this.port = server.port
  }

  /** Returns the bound address as `node:http` does: supertest takes a test server. */
  address(): AddressInfo | string {
    return this.server.address()
  }

  /** Creates a client with its own cookies. Each request goes over a socket of its own. */
  client(options?: TestClientOptions): TestClient {
    return createTestClient(this.server, options)
  }

  /** Calls the `fetch` of Node.js on a path of this server, for responses that are read as they arrive. */
  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.url}${path}`, init)
  }

  /** Serves a request without a network, as `server.inject` does. */
  inject(request?: InjectOptions | string): Promise<InjectResult> {
    return this.server.inject(request)
  }

  /** Begins a test transaction, as `server.transaction()` does: `beforeEach(async () => { rollback = await server.transaction() })`. */
  transaction(): Promise<Rollback> {
    return this.server.transaction()
  }

  /** Resolves when all requests so far have ended, including their close events. */
  whenIdle(): Promise<void> {
    return whenIdle(this.server)
  }

  /** Stops the server. Requests in flight finish, then its shutdown hooks run. */
  stop(): Promise<void> {
    return this.server.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

import type { IncomingMessage } from 'node:http'
import { awaitsContinue, type Fields, joinChanges, type RequestCore } from '../../kit.ts'
import type { ForwardedBody } from './body-relay.ts'
import { informClient } from './inform-client.ts'
import type { Information, Question } from './node-exchange.ts'
import type { NodeLink } from './node-link.ts'
import { createRequestHead } from './request-head.ts'

/** What a node is asked for a client. */
export class NodeQuestion implements Question {
  readonly method: string
  readonly path: string
  readonly fields: Fields
  readonly body: ForwardedBody
  readonly isUpgrade: boolean
  readonly awaitsContinue: boolean
  readonly #core: RequestCore
  #hasInformed = false

  /** @param path what is asked for, before the prefix of the node */
  constructor(core: RequestCore, body: ForwardedBody, link: NodeLink, path: string) {
    const { raw, url, changed } = core
    const { framing } = body
    this.#core = core
    this.method = changed?.method ?? core.method
    this.path = path.startsWith('/') ? link.address.prefix + path : path
    this.body = body
    this.isUpgrade = isDetached(raw)
    this.awaitsContinue = !body.isWhole && awaitsContinue(raw)
    const host = link.hostFor(url.startsWith('/') ? raw.headers.host : authorityOf(url))
    this.fields = createRequestHead(core, framing, host, joinChanges(changed?.changes, link.changes.request), this)
  }

  /** Whether an answer of 1xx has gone out. */
  get hasInformed(): boolean {
    return this.#hasInformed
  }

  inform(information: Information): void {
    if (informClient(this.#core, information)) this.#hasInformed = true
  }
}

/** Whether `node:http` has let go of the connection, so that it can go over to another protocol. */
function isDetached(raw: IncomingMessage): boolean {
  return (raw as { readonly upgrade?: boolean }).upgrade === true
}

/** The authority of a target in absolute form, which counts in place of the Host field (RFC 9112, section 3.2.2). */
function authorityOf(url: string): string | undefined {
  return /^[a-z]+:\/\/([^/?]*)/i.exec(url)?.[1]
}

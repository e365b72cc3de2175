import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
} from 'node:http'
import { onDemandOfNode } from '../base/on-demand.ts'

const https = onDemandOfNode<typeof import('node:https')>('node:https')

/** Of an answer that is passed on, in bytes. */
const MAX_BODY = 1024 * 1024

/** What a server of authentication answers. */
export interface AuthAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** A server that is asked whether requests may pass, over connections that are kept. */
export class AuthServer {
  readonly #url: URL
  readonly #agent: HttpAgent
  readonly #request: typeof request

  constructor(url: URL) {
    const isSecure = url.protocol === 'https:'
    this.#url = url
    this.#request = isSecure ? https().request : request
    this.#agent = isSecure ? new (https().Agent)({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
  }

  /** Asks it with GET. Redirects aren't followed. */
  async ask(headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<AuthAnswer> {
    const asked: { request?: ClientRequest } = {}
    const send = () =>
      new Promise<AuthAnswer>((resolve, reject) => {
        asked.request = this.#request(this.#url, { agent: this.#agent, headers, signal }, (message) => {
          collect(message).then(resolve, reject)
        })
        asked.request.on('error', reject).end()
      })
    return send().catch((error: NodeJS.ErrnoException) => {
      // A kept connection that the server has closed says nothing (RFC 9112, section 9.3.1).
      if (error.code === 'ECONNRESET' && asked.request?.reusedSocket && !signal.aborted) return send()
      throw error
    })
  }

  /** Closes the connections that are kept; later ones are opened anew. */
  close(): void {
    this.#agent.destroy()
  }
}

async function collect(message: IncomingMessage): Promise<AuthAnswer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) throw new Error(`the body of its answer is larger than ${MAX_BODY} bytes`)
    chunks.push(chunk)
  }
  return { status: message.statusCode as number, headers: message.headers, body: Buffer.concat(chunks) }
}

import { Agent, type ClientRequest, type IncomingMessage, request, type RequestOptions } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'

/** Where an etcd is, and what a connection to it needs. */
export interface EtcdPlace {
  /** Without user and password. */
  readonly url: URL
  readonly user: string
  readonly password: string
  /** Options of `https.request`, such as `ca`, `cert` and `key`. */
  readonly options: object
}

/** What etcd answers beside what was asked for. */
export interface EtcdAnswer {
  readonly header?: { readonly revision?: string }
}

/**
 * Calls the JSON gateway of one etcd, over connections of its own.
 *
 * Not by `fetch`, which ends a watch after five minutes without a change, and has no client certificates.
 */
export class EtcdClient {
  readonly #place: EtcdPlace
  readonly #agent: Agent
  #token: string | undefined

  constructor(place: EtcdPlace) {
    this.#place = place
    this.#agent =
      place.url.protocol === 'https:' ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true })
  }

  /** Needed where the place has a user, once before all other calls. */
  async authenticate(): Promise<void> {
    const { user, password } = this.#place
    if (user === '') return
    const { token } = await this.call<{ token?: string }>('auth/authenticate', { name: user, password })
    this.#token = token
  }

  /** Calls `/v3/NAME`. @param limit the most bytes of the answer, by default 1 MiB */
  async call<Answer extends object>(
    name: string,
    body: object,
    limit: number = 1024 * 1024,
  ): Promise<Answer & EtcdAnswer> {
    const answer = await this.open(name, body)
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of answer) {
      size += (chunk as Buffer).length
      if (size > limit) throw new AnswerTooLarge(size)
      chunks.push(chunk as Buffer)
    }
    const text = Buffer.concat(chunks).toString()
    if (answer.statusCode === 200) return JSON.parse(text) as Answer & EtcdAnswer
    throw new Error(`${name}: etcd answers ${answer.statusCode}: ${messageOf(text)}`)
  }

  /** Calls `/v3/NAME`, and returns the head of the answer, from which its body can be read. */
  async open(name: string, body: object): Promise<IncomingMessage> {
    const calling = this.#request(`/v3/${name}`)
    calling.end(JSON.stringify(body))
    return new Promise((resolve, reject) => {
      // Until the end: an error that comes after the answer would end the process else.
      calling.on('error', reject)
      calling.once('response', resolve)
    })
  }

  /** Cuts all calls. */
  close(): void {
    this.#agent.destroy()
  }

  #request(path: string): ClientRequest {
    const { url, options } = this.#place
    const settings: RequestOptions = {
      ...options,
      method: 'POST',
      agent: this.#agent,
      headers: { 'Content-Type': 'application/json', ...(this.#token !== undefined && { Authorization: this.#token }) },
    }
    return (url.protocol === 'https:' ? secureRequest : request)(new URL(path, url), settings)
  }
}

/** An answer that was larger than its limit, and was cut. */
export class AnswerTooLarge extends Error {
  readonly size: number

  constructor(size: number) {
    super(`etcd answers with more than ${size} bytes`)
    this.size = size
  }
}

function messageOf(text: string): string {
  try {
    const { error, message = error } = JSON.parse(text) as { error?: unknown; message?: unknown }
    return String(message)
  } catch {
    return text.slice(0, 200)
  }
}

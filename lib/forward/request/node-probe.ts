import { EmptyBody } from './body-relay.ts'
import { NodeExchange } from './node-exchange.ts'
import type { Probe } from './node-life.ts'
import type { Client, NodeLink } from './node-link.ts'
import type { ReadProbeOptions } from './probe-options.ts'

/** Asks a node again and again whether it works. */
export class NodeProbe implements Probe {
  readonly #link: NodeLink
  readonly #options: ReadProbeOptions
  readonly #client: () => Client
  #timer: NodeJS.Timeout | undefined
  /** Stops it; `undefined` while it isn't asked. */
  #abort: AbortController | undefined

  /** @param client in whose place it connects */
  constructor(link: NodeLink, options: ReadProbeOptions, client: () => Client) {
    this.#link = link
    this.#options = options
    this.#client = client
  }

  start(): Promise<void> | undefined {
    if (this.#abort !== undefined) return undefined
    this.#abort = new AbortController()
    return this.#run(this.#abort.signal)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#abort?.abort(new Error('The probe was stopped'))
    this.#abort = undefined
  }

  async #run(stopped: AbortSignal): Promise<void> {
    const abort = new AbortController()
    const stop = () => abort.abort(stopped.reason)
    stopped.addEventListener('abort', stop)
    const { timeout, interval } = this.#options
    const timer = setTimeout(() => abort.abort(new Error(`no answer within ${timeout} ms`)), timeout).unref()
    let status: number | undefined
    let error: string | undefined
    try {
      status = await this.#ask(abort.signal)
      if (!this.#options.status(status)) error = `the answer was ${status}`
    } catch (thrown) {
      error = (thrown as Error).message
    }
    clearTimeout(timer)
    stopped.removeEventListener('abort', stop)
    if (stopped.aborted) return
    const time = Math.floor(Date.now() / 1000)
    this.#link.state.probed({ time, isUp: error === undefined, status, error }, this.#options)
    this.#timer = setTimeout(() => void this.#run(stopped), interval).unref()
  }

  async #ask(signal: AbortSignal): Promise<number> {
    const { address } = this.#link
    const connection = await this.#link.choose(this.#client()).connect(signal)
    const { timeout, path } = this.#options
    connection.socket.unref?.()
    const body = new EmptyBody({ kind: 'none' })
    const fields = ['Host', this.#link.hostFor(undefined), 'User-Agent', 'tribind-probe', 'Connection', 'close']
    const question = {
      method: 'GET',
      path: address.prefix + path,
      fields,
      body,
      isUpgrade: false,
      awaitsContinue: false,
      inform: () => {},
    }
    const exchange = new NodeExchange(connection, question, { headTimeout: timeout, idleTimeout: timeout }, () => {})
    const abort = () => exchange.abort(signal.reason as Error)
    signal.addEventListener('abort', abort)
    try {
      const message = await exchange.answer
      message.on('error', () => {})
      return message.statusCode as number
    } finally {
      signal.removeEventListener('abort', abort)
      exchange.abort()
    }
  }
}

/** @import { Api } from './api.js' */
/** @typedef {{ readonly name: string, readonly data: any }} ServerEvent */
/** @typedef {{ readonly isLive: boolean, readonly since: number, readonly retryAt?: number }} Connection */

const FIRST_PAUSE_MS = 500
const LAST_PAUSE_MS = 30_000
/** Longer than the server is ever silent. */
const SILENCE_MS = 45_000

/** Reads the event stream of the administration, and connects again when it ends. An EventSource could not send the token. */
export class EventReader {
  /** @type {AbortController | undefined} */
  #stop
  /** @type {string | undefined} */
  #lastId
  /** @type {Connection} */
  connection = { isLive: false, since: Date.now() }
  #api
  #on

  /**
   * @param {Api} api
   * @param {{ readonly event: (event: ServerEvent) => void, readonly connection: () => void }} on
   */
  constructor(api, on) {
    this.#api = api
    this.#on = on
  }

  async start() {
    this.stop()
    const { signal } = (this.#stop = new AbortController())
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(pause * 2, LAST_PAUSE_MS)) {
      const wasRead = await this.#read(signal).catch(() => false)
      if (wasRead) pause = FIRST_PAUSE_MS
      if (!signal.aborted) await this.#wait(pause, signal)
    }
  }

  stop() {
    this.#stop?.abort()
  }

  /**
   * @param {AbortSignal} signal
   * @returns whether it was connected
   */
  async #read(signal) {
    const silence = new AbortController()
    const headers = this.#lastId === undefined ? {} : { 'Last-Event-ID': this.#lastId }
    const response = await this.#api.open('api/events', { headers, signal: AbortSignal.any([signal, silence.signal]) })
    this.#tell({ isLive: true, since: Date.now() })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let rest = ''
    try {
      for (;;) {
        const timer = setTimeout(() => silence.abort(), SILENCE_MS)
        const { done, value } = (await reader?.read().finally(() => clearTimeout(timer))) ?? { done: true }
        if (done) return true
        rest = this.#take(rest + value)
      }
    } catch {
      return true
    }
  }

  /**
   * Takes the events that are complete out of a text.
   *
   * @param {string} text
   */
  #take(text) {
    const blocks = text.split('\n\n')
    for (const block of blocks.slice(0, -1)) {
      const { id, event, data } = readFields(block)
      if (id !== undefined) this.#lastId = id
      if (event !== undefined && data !== undefined) this.#on.event({ name: event, data: JSON.parse(data) })
    }
    return blocks.at(-1) ?? ''
  }

  /**
   * @param {number} pause
   * @param {AbortSignal} signal
   */
  #wait(pause, signal) {
    const { isLive, since } = this.connection
    this.#tell({ isLive: false, since: isLive ? Date.now() : since, retryAt: Date.now() + pause })
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pause)
      signal.addEventListener('abort', () => resolve(clearTimeout(timer)))
    })
  }

  /** @param {Connection} connection */
  #tell(connection) {
    this.connection = connection
    this.#on.connection()
  }
}

/**
 * Reads the fields of an event.
 *
 * @param {string} block
 * @returns {{ id?: string, event?: string, data?: string }}
 */
function readFields(block) {
  /** @type {Record<string, string>} */
  const fields = {}
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([a-z]+):? ?(.*)$/.exec(line) ?? []
    if (name !== '') fields[name] = name === 'data' && fields.data !== undefined ? `${fields.data}\n${value}` : value
  }
  return fields
}

/** An event of an event stream, as a browser tells it. */
export interface TestEvent {
  /** `message` where the stream names none. */
  readonly event: string
  /** The lines of its data, joined by LF. */
  readonly data: string
  /** The last event ID, which stays until the stream sends another; `''` for none. */
  readonly id: string
}

/** Parses an event stream (HTML Living Standard, section 9.2.6). */
export class EventStreamParser {
  readonly #decoder = new TextDecoder()
  /** The beginning of a line whose end is yet to come. */
  #rest = ''
  #endsInCr = false
  #event = ''
  #data: string[] = []
  #lastEventId = ''
  #retry: number | undefined

  /** What a browser would send as Last-Event-ID when it connects again. */
  get lastEventId(): string {
    return this.#lastEventId
  }

  /** How long a browser would wait before it connects again, in milliseconds; `undefined` until the stream says so. */
  get retry(): number | undefined {
    return this.#retry
  }

  /** Returns the events that the chunk completes. */
  push(chunk: Uint8Array): TestEvent[] {
    return this.#splitLines(this.#decoder.decode(chunk, { stream: true })).flatMap((line) => this.#readLine(line) ?? [])
  }

  /** Ends a line at a CR without waiting for an LF, which may be in the next chunk. */
  #splitLines(decoded: string): string[] {
    const text = this.#endsInCr && decoded.startsWith('\n') ? decoded.slice(1) : decoded
    if (decoded !== '') this.#endsInCr = text.endsWith('\r')
    const lines = (this.#rest + text).split(/\r\n|\r|\n/)
    this.#rest = lines.pop() as string
    return lines
  }

  #readLine(line: string): TestEvent | undefined {
    if (line === '') return this.#dispatch()
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) as RegExpExecArray
    if (name === 'event') this.#event = value
    else if (name === 'data') this.#data.push(value)
    else if (name === 'id' && !value.includes('\0')) this.#lastEventId = value
    else if (name === 'retry' && /^\d+$/.test(value)) this.#retry = Number(value)
    return undefined
  }

  #dispatch(): TestEvent | undefined {
    const { length } = this.#data
    const event = { event: this.#event || 'message', data: this.#data.join('\n'), id: this.#lastEventId }
    this.#event = ''
    this.#data = []
    return length === 0 ? undefined : event
  }
}

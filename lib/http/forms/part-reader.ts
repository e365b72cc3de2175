import { HttpError } from '../../base/http-error.ts'

const MAX_HEAD_BYTES = 16 * 1024
const CR = 0x0d

/** Takes a multipart body apart while it arrives (RFC 2046, section 5.1.1). Holds one chunk of it at most. */
export class PartReader {
  readonly #source: AsyncIterator<Buffer>
  readonly #delimiter: Buffer
  // The first delimiter may be without the line break that belongs to all others.
  #held: Buffer = Buffer.from('\r\n')
  /** Whether a part, or the text before the first one, isn't read to its end. */
  #isInside = true

  constructor(source: AsyncIterable<Buffer>, boundary: string) {
    this.#source = source[Symbol.asyncIterator]()
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  }

  /**
   * Skips the rest of a part and returns the head of the next: what follows its boundary up to the blank line, a character
   * for each byte. Returns `undefined` after the last part, when the source is read to its end.
   *
   * @throws HttpError 400 for a body that ends before its last boundary, 413 for a head over 16 KiB
   */
  async next(): Promise<string | undefined> {
    for await (const _chunk of this.content()) continue
    await this.#hold(2)
    if (this.#held.toString('latin1', 0, 2) === '--') return this.#skipEpilogue()
    this.#isInside = true
    return this.#readHead()
  }

  /** Yields the content of the part whose head was read last. */
  async *content(): AsyncGenerator<Buffer, void, void> {
    while (this.#isInside) {
      const at = this.#held.indexOf(this.#delimiter)
      const end = at < 0 ? this.#findPossibleDelimiter() : at
      const chunk = this.#held.subarray(0, end)
      this.#held = this.#held.subarray(at < 0 ? end : at + this.#delimiter.length)
      this.#isInside = at < 0
      if (chunk.length > 0) yield chunk
      if (at < 0) await this.#fill()
    }
  }

  /** Where a delimiter begins whose end hasn't arrived. It has one CR, its first byte. */
  #findPossibleDelimiter(): number {
    const at = this.#held.lastIndexOf(CR)
    const isPossible = at >= 0 && this.#delimiter.indexOf(this.#held.subarray(at)) === 0
    return isPossible ? at : this.#held.length
  }

  async #readHead(): Promise<string> {
    let end: number
    while ((end = this.#held.indexOf('\r\n\r\n')) < 0 && this.#held.length <= MAX_HEAD_BYTES) await this.#fill()
    if (end < 0 || end > MAX_HEAD_BYTES)
      throw new HttpError(413, `The form has a part with a head over ${MAX_HEAD_BYTES} bytes`)
    const head = this.#held.toString('latin1', 0, end)
    if (head.includes(this.#delimiter.toString('latin1')))
      throw new HttpError(400, 'The form has a part without a blank line after its head')
    await this.#hold(end + 2 + this.#delimiter.length)
    // A part without content may end with its head: the second line break is the delimiter's then.
    this.#held = this.#held.subarray(this.#isDelimiterAt(end + 2) ? end + 2 : end + 4)
    return head
  }

  #isDelimiterAt(at: number): boolean {
    return this.#held.subarray(at, at + this.#delimiter.length).equals(this.#delimiter)
  }

  async #hold(length: number): Promise<void> {
    while (this.#held.length < length) await this.#fill()
  }

  async #skipEpilogue(): Promise<undefined> {
    while ((await this.#source.next()).done !== true) continue
  }

  async #fill(): Promise<void> {
    const { done, value } = await this.#source.next()
    if (done === true) throw new HttpError(400, 'The form can not be read')
    this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value])
  }
}

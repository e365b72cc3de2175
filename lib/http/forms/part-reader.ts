import { HttpError } from '../../base/http-error.ts'
import { token } from '../../net/token.ts'
import { createDecoder, decodeWith } from '../body/content-type.ts'

const MAX_HEAD_BYTES = 16 * 1024
const MAX_HEAD_FIELDS = 50
const CR = 0x0d

/** What the head of a part says (RFC 7578, section 4). */
export interface PartHead {
  readonly name: string
  /** `undefined` for a field. */
  readonly filename: string | undefined
  /** Its Content-Type; `text/plain` by default. */
  readonly type: string
}

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
   * Skips the rest of a part and returns the head of the next; `undefined` after the last part, when the source is read to
   * its end.
   *
   * @throws HttpError 400 for a body that ends before its last boundary and for a head that can't be read in one way, 413 for
   * one over 16 KiB or 50 fields, 415 for an encoding or charset that isn't supported
   */
  async next(): Promise<PartHead | undefined> {
    for await (const _chunk of this.content()) continue
    await this.#hold(2)
    if (this.#held.toString('latin1', 0, 2) === '--') return this.#skipEpilogue()
    this.#isInside = true
    return parseHead(await this.#readHead())
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
      throw new HttpError(413, `The form has a part with a head over ${MAX_HEAD_BYTES} bytes`, {
        failure: 'ERR_TRIBIND_FORM_LIMIT',
      })
    const head = this.#held.toString('latin1', 0, end)
    if (head.includes(this.#delimiter.toString('latin1')))
      throw new HttpError(400, 'The form has a part without a blank line after its head', {
        failure: 'ERR_TRIBIND_FORM_SYNTAX',
      })
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
    if (done === true) throw new HttpError(400, 'The form can not be read', { failure: 'ERR_TRIBIND_FORM_SYNTAX' })
    this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value])
  }
}

/**
 * Parses the head of a part: the padding after its boundary and its header fields, a character for each byte.
 *
 * @throws HttpError 400 for a head that can't be read in one way, 413 for more than 50 fields, 415 for an encoding or charset
 * that isn't supported
 */
function parseHead(head: string): PartHead {
  const fields = parseFields(head)
  const coding = fields.get('content-transfer-encoding') ?? 'binary'
  if (!/^(?:7bit|8bit|binary)$/i.test(coding))
    throw new HttpError(415, 'The form has a part with a Content-Transfer-Encoding', {
      failure: 'ERR_TRIBIND_FORM_ENCODING',
    })
  const parameters = parseDisposition(fields.get('content-disposition'))
  const name = readParameter(parameters, 'name')
  if (name === undefined)
    throw new HttpError(400, 'The form has a part without a name', { failure: 'ERR_TRIBIND_FORM_SYNTAX' })
  const type = fields.get('content-type') || 'text/plain'
  return { name, filename: readParameter(parameters, 'filename'), type }
}

function parseFields(head: string): Map<string, string> {
  // A line that begins with a blank continues the one before (RFC 5322, section 2.2.3).
  const [padding, ...lines] = head.replace(/\r\n(?=[ \t])/g, '').split('\r\n')
  if (/[^ \t]/.test(padding as string))
    throw new HttpError(400, 'The form has a boundary that is followed by other text', {
      failure: 'ERR_TRIBIND_FORM_SYNTAX',
    })
  if (lines.length > MAX_HEAD_FIELDS)
    throw new HttpError(413, `The form has a part with more than ${MAX_HEAD_FIELDS} header fields`, {
      failure: 'ERR_TRIBIND_FORM_LIMIT',
    })
  const fields = new Map<string, string>()
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]*):([^\0\r\n]*)$/.exec(line) ?? []
    if (!token.test(name))
      throw new HttpError(400, 'The form has a part with a header field that can not be read', {
        failure: 'ERR_TRIBIND_FORM_SYNTAX',
      })
    setOnce(fields, name, value.trim())
  }
  return fields
}

/** Parses Content-Disposition (RFC 6266, section 4.1), with blanks where browsers and libraries allow them. */
function parseDisposition(field = ''): Map<string, string> {
  const [kind] = field.split(';', 1) as [string]
  if (kind.trim().toLowerCase() !== 'form-data')
    throw new HttpError(400, 'The form has a part without "Content-Disposition: form-data"', {
      failure: 'ERR_TRIBIND_FORM_SYNTAX',
    })
  const parameter = /[ \t]*;[ \t]*(?:([^\s;="]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;"]*)))?[ \t]*/y
  const parameters = new Map<string, string>()
  for (let at = kind.length; at < field.length; at = parameter.lastIndex) {
    parameter.lastIndex = at
    const found = parameter.exec(field)
    if (found === null)
      throw new HttpError(400, 'The form has a Content-Disposition that can not be read', {
        failure: 'ERR_TRIBIND_FORM_SYNTAX',
      })
    const [, name, quoted, plain = ''] = found
    // Other backslashes are those of a path, as old browsers send it.
    if (name !== undefined) setOnce(parameters, name, quoted?.replace(/\\(["\\])/g, '$1') ?? plain.trim())
  }
  return parameters
}

/** Sets what comes once: of two, another reader may take the other. */
function setOnce(values: Map<string, string>, name: string, value: string): void {
  const key = name.toLowerCase()
  const isRead = /^content-|^(?:file)?name\b/.test(key)
  if (isRead && values.has(key))
    throw new HttpError(400, `The form has a part with more than one ${key}`, { failure: 'ERR_TRIBIND_FORM_SYNTAX' })
  // RFC 2231, section 3: a value in several parameters.
  if (/^(?:file)?name\*./.test(key))
    throw new HttpError(400, 'The form has a part with a name in several pieces', {
      failure: 'ERR_TRIBIND_FORM_SYNTAX',
    })
  values.set(key, value)
}

/** The value of a parameter; the extended form takes precedence over the plain one (RFC 6266, section 4.3). */
function readParameter(parameters: Map<string, string>, name: string): string | undefined {
  const extended = parameters.get(`${name}*`)
  if (extended !== undefined) return decodeExtended(extended)
  const plain = parameters.get(name)
  return plain === undefined ? undefined : decodeName(plain, 'utf-8')
}

/** Decodes a value such as `UTF-8''%e2%82%ac` (RFC 8187, section 3.2.1). */
function decodeExtended(value: string): string {
  const [, charset, escaped = ''] = /^([^']+)'[^']*'((?:[^%]|%[\da-f]{2})*)$/i.exec(value) ?? []
  if (charset === undefined)
    throw new HttpError(400, 'The form has a part with an extended name that can not be read', {
      failure: 'ERR_TRIBIND_FORM_SYNTAX',
    })
  const unescaped = escaped.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return decodeName(unescaped, charset)
}

function decodeName(bytes: string, charset: string): string {
  // Most names are ASCII: they need no decoder.
  if (charset === 'utf-8' && /^[ -~]*$/.test(bytes)) return bytes
  const decoder = createDecoder(charset, { ignoreBOM: true, of: 'a name in the form' })
  return decodeWith(decoder, Buffer.from(bytes, 'latin1'), 'A name in the form')
}

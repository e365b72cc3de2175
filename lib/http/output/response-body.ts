import { ResponseError } from '../../base/errors.ts'
import { printValue } from '../../options/print-value.ts'

/** What a body holds, in the order in which it decides the content type: JSON with text around it is text. */
export const BodyKind = { none: 0, bytes: 1, json: 2, text: 3, html: 4 } as const
export type BodyKind = (typeof BodyKind)[keyof typeof BodyKind]

const contentTypes = [
  undefined,
  'application/octet-stream',
  'application/json; charset=utf-8',
  'text/plain; charset=utf-8',
  'text/html; charset=utf-8',
]

/** The buffered body of a response. Text stays text until it goes out: node:http joins it to the head in one write. */
export class ResponseBody {
  /** What was written before `#text`, once bytes came in between. */
  #chunks: Uint8Array[] | undefined
  #text = ''
  #kind: BodyKind = BodyKind.none

  /** The media type of what was written; `undefined` while nothing was. */
  get contentType(): string | undefined {
    return contentTypes[this.#kind]
  }

  get isEmpty(): boolean {
    return this.#text === '' && this.#chunks === undefined
  }

  /** Text, number and boolean as text, bytes as they are, anything else as JSON; `undefined` is nothing. */
  write(part: unknown): void {
    if (typeof part === 'string') this.writeText(part)
    else if (typeof part === 'number' || typeof part === 'boolean') this.writeText(String(part))
    else if (part !== undefined) {
      const bytes = readBytes(part)
      if (bytes === undefined) this.writeJson(part)
      else this.#writeBytes(bytes)
    }
  }

  writeText(text: string, kind: BodyKind = BodyKind.text): void {
    this.#text += text
    if (kind > this.#kind) this.#kind = kind
  }

  /**
   * @param json the text of the value, where it is there already
   * @throws ResponseError for what JSON has no text for, such as a function or a Map
   */
  writeJson(value: unknown, json: string = formatJson(value)): void {
    this.writeText(json, BodyKind.json)
  }

  /** A line end belongs to any kind. */
  endLine(): void {
    this.writeText('\n', this.#kind === BodyKind.none ? BodyKind.text : this.#kind)
  }

  /** Puts other content in place of what was written, of the same type unless nothing was. */
  replace(content: string | Uint8Array): void {
    const kind = this.#kind
    this.clear()
    this.write(content)
    if (kind !== BodyKind.none) this.#kind = kind
  }

  clear(): void {
    this.#chunks = undefined
    this.#text = ''
    this.#kind = BodyKind.none
  }

  /** All that was written: text where nothing but text was, else bytes. */
  content(): string | Buffer {
    if (this.#chunks === undefined) return this.#text
    if (this.#text !== '') {
      this.#chunks.push(Buffer.from(this.#text))
      this.#text = ''
    }
    return Buffer.concat(this.#chunks)
  }

  #writeBytes(bytes: Uint8Array): void {
    this.#chunks ??= []
    if (this.#text !== '') this.#chunks.push(Buffer.from(this.#text))
    this.#text = ''
    // A copy: the caller may use its buffer again before the response goes out.
    this.#chunks.push(Uint8Array.prototype.slice.call(bytes))
    if (this.#kind < BodyKind.bytes) this.#kind = BodyKind.bytes
  }
}

/** What an ArrayBuffer or any view of one holds, not copied; `undefined` for what is neither. */
export function readBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined
}

/**
 * Returns the JSON text of a value.
 *
 * @throws ResponseError for what JSON has no text for, such as a function, and for a value with an object of which it would
 * keep nothing, such as a Map, an Error or a Promise
 */
export function formatJson(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined
  if (json === undefined || value instanceof Error) refuseContent(value)
  // Only then can anything be lost: a replacer would make all JSON several times slower.
  if (json.includes('{}')) refuseLost(value)
  return json
}

/** What to send in place of values that JSON has no text for, by their class. */
const instead: ReadonlyMap<string, string> = new Map([
  ['Map', 'send Object.fromEntries(map) or [...map]'],
  ['Set', 'send [...set]'],
  ['Error', 'throw it, or send its message'],
  ['Promise', 'await it'],
  ['Response', 'return it from the handler'],
  ['ReadableStream', 'use response.stream()'],
  ['Blob', 'send its text, or write it alone'],
  ['File', 'send its text, or write it alone'],
  ['FormData', 'send Object.fromEntries(form), or write it alone'],
  ['URLSearchParams', 'send Object.fromEntries(params), or write it alone'],
  ['Headers', 'send Object.fromEntries(headers)'],
])

/** @throws ResponseError for the first object in a value of which JSON keeps nothing, such as a Map */
function refuseLost(value: unknown): void {
  const places = new Map<unknown, string>()
  JSON.stringify(value, function (this: unknown, key: string, part: unknown) {
    if (typeof part !== 'object' || part === null) return part
    const around = places.get(this)
    const place = around === undefined ? '' : around + formatStep(Array.isArray(this), key, around === '')
    places.set(part, place)
    if (isLost(part)) refuseContent(part, place)
    return part
  })
}

/** @throws ResponseError always, with what to send instead. */
function refuseContent(value: unknown, place = ''): never {
  const advice = instead.get(value instanceof Error ? 'Error' : classOf(value))
  throw new ResponseError(
    `a response must be text, bytes, a stream or a value that JSON has a text for, got ${printValue(value)}` +
      (place === '' ? '' : ` at "${place}"`) +
      (advice === undefined ? '' : `: ${advice}`),
    { failure: 'ERR_TRIBIND_RESPONSE_CONTENT' },
  )
}

/** Returns whether JSON keeps nothing of an object of a class that the language or the platform brings. */
function isLost(value: object): boolean {
  const name = classOf(value)
  return name !== 'Object' && name !== 'Array' && JSON.stringify(value) === '{}'
}

function formatStep(isIndex: boolean, key: string, isFirst: boolean): string {
  if (isIndex) return `[${key}]`
  return isFirst ? key : `.${key}`
}

function classOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}

import { validateHeaderName, validateHeaderValue } from 'node:http'
import { ResponseError } from '../../base/errors.ts'
import { printValue } from '../../options/print-value.ts'
import { joinList } from './list-field.ts'

/** A value of a header field; an array is one field line for each. */
export type HeaderValue = string | number | readonly string[]

/** A name or a value of a head as `writeHead` takes it. */
export type HeadField = string | number

/**
 * A length is handed to `node:http` as a number: up to 20.19.4 and 22.14.0 it compares that with the bytes written, and
 * cuts the connection where it was given as text.
 */
export function toHeadField(key: string, value: string): HeadField {
  return key === 'content-length' && /^\d+$/.test(value) ? Number(value) : value
}

/** The lines of a field, and what was joined to them. */
interface Field {
  readonly name: string
  values: string[]
  readonly joined?: string
}

/** Fields of an answer that an error must not inherit: those that describe its body, let it be stored, or lead elsewhere. */
export const answerFields: readonly string[] = [
  'content-type',
  'content-length',
  'content-encoding',
  'content-disposition',
  'content-range',
  'accept-ranges',
  'etag',
  'last-modified',
  'cache-control',
  'expires',
  'location',
]

/**
 * The header fields of a response, under the names they were set with; names are compared without case.
 */
export class ResponseHeaders {
  readonly #fields = new Map<string, Field>()

  /** Returns another one with the same fields. */
  copy(): ResponseHeaders {
    const copy = new ResponseHeaders()
    for (const [key, field] of this.#fields) copy.#fields.set(key, { ...field, values: [...field.values] })
    return copy
  }

  get(name: string): string | undefined {
    return this.#fields.get(name.toLowerCase())?.values.join(', ')
  }

  has(name: string): boolean {
    return this.#fields.has(name.toLowerCase())
  }

  /**
   * @throws ResponseError naming the field, if its name isn't a token, or a value is neither text nor a finite number or
   * holds CR, LF, NUL or what latin1 lacks
   */
  set(name: string, value: HeaderValue): void {
    const key = name.toLowerCase()
    const values = readValues(name, value)
    const joined = this.#fields.get(key)?.joined
    if (joined === undefined) this.#fields.set(key, { name, values })
    else this.#fields.set(key, { name, values: [joinList(key, values.join(', '), joined)], joined })
  }

  /** Joins a value to a field that is a list; it stays when others set the field, until they remove it. */
  join(name: string, value: string): void {
    const key = name.toLowerCase()
    const field = this.#fields.get(key)
    const values = readValues(name, joinList(key, this.get(key), value))
    this.#fields.set(key, { name: field?.name ?? name, values, joined: joinList(key, field?.joined, value) })
  }

  /** What was joined, by lower-case name. */
  *joined(): Generator<[key: string, value: string]> {
    for (const [key, { joined }] of this.#fields) if (joined !== undefined) yield [key, joined]
  }

  /** Adds field lines to those that are there. */
  add(name: string, value: HeaderValue): void {
    const field = this.#fields.get(name.toLowerCase())
    if (field === undefined) this.set(name, value)
    else field.values.push(...readValues(name, value))
  }

  /** Adds a field line before those that are there. */
  addFirst(name: string, value: string): void {
    const field = this.#fields.get(name.toLowerCase())
    if (field === undefined) this.set(name, value)
    else field.values.unshift(...readValues(name, value))
  }

  /** Removes single lines of a field. */
  removeLines(name: string, lines: readonly string[]): void {
    const field = this.#fields.get(name.toLowerCase())
    if (field === undefined || lines.length === 0) return
    field.values = field.values.filter((value) => !lines.includes(value))
    if (field.values.length === 0) this.remove(name)
  }

  get isAscii(): boolean {
    return [...this.#fields.values()].every(({ values }) => values.every((value) => /^[\x00-\x7f]*$/.test(value)))
  }

  /** All of them, each name with its lines. */
  fields(): Iterable<{ readonly name: string; readonly values: readonly string[] }> {
    return this.#fields.values()
  }

  remove(name: string): void {
    this.#fields.delete(name.toLowerCase())
  }

  /** Removes what an error must not inherit from the answer whose place it takes. */
  removeThoseOfAnswer(): void {
    for (const name of answerFields) this.#fields.delete(name)
  }

  /** Appends names and values in turn, as `writeHead` takes them; `skip` says which, by lower-case name, to leave out. */
  appendTo(head: HeadField[], skip: (name: string) => boolean): void {
    for (const [key, { name, values }] of this.#fields) {
      if (skip(key)) continue
      for (const value of values) head.push(name, toHeadField(key, value))
    }
  }
}

function readValues(name: string, value: HeaderValue): string[] {
  try {
    validateHeaderName(name)
    return Array.isArray(value) ? value.map((one: unknown) => readValue(name, one)) : [readValue(name, value)]
  } catch {
    throw new ResponseError(
      `header field ${printValue(name)} must be a token, and its value a string, a finite number or an array of such ` +
        `that HTTP allows, got ${printValue(value)}`,
      { failure: 'ERR_TRIBIND_RESPONSE_HEADER_FIELD' },
    )
  }
}

/** Booleans are text beyond doubt; of other values, such as `undefined` or a Date, the text is seldom what is meant. */
function readValue(name: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'boolean' && !Number.isFinite(value)) throw new TypeError('no text')
  const text = String(value)
  validateHeaderValue(name, text)
  return text
}

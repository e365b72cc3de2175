import type { IncomingMessage } from 'node:http'
import type { Http2Stream } from 'node:http2'
import { Readable } from 'node:stream'
import { StateError } from '../../base/errors.ts'
import { HttpError } from '../../base/http-error.ts'
import { ignoreRejection } from '../../base/in-turn.ts'
import { onDemand } from '../../base/on-demand.ts'
import { type BodyOwner, type BodyReader, BodyStream, gone, WholeBody } from './body-flow.ts'
import {
  type ContentType,
  decodeText,
  isFormType,
  isJsonType,
  isMultipartType,
  isUrlencodedType,
  parseContentType,
} from './content-type.ts'
import { drainBody } from './drain-body.ts'
import { describeJsonFault } from './json-fault.ts'
import type { Form } from '../forms/form.ts'
import { parseMultipart } from '../forms/multipart.ts'
import { UploadFolder } from '../forms/upload-folder.ts'
import { parseUrlencoded } from '../forms/urlencoded.ts'

const safeJson = onDemand<typeof import('secure-json-parse')>('secure-json-parse', () => require('secure-json-parse'))

/**
 * The body of one request: it comes in once, when it is first asked for, and is kept for those who ask again.
 *
 * Only `stream`, and forms with files, don't keep it.
 */
export class RequestBody {
  readonly #owner: BodyOwner
  #type: ContentType | undefined
  #stream: BodyStream | undefined
  #isStreamTaken = false
  #whole: WholeBody | undefined
  #json: Promise<unknown> | undefined
  #form: Promise<Form> | undefined
  /** The fields of what was parsed, where it has fields. */
  #fields: object | undefined

  /** @param bytes what came in, where others have read it */
  constructor(owner: BodyOwner, bytes?: Buffer) {
    this.#owner = owner
    if (bytes !== undefined) this.#whole = new WholeBody(bytes)
  }

  bytes(): Promise<Buffer> {
    return this.#read((bytes) => bytes)
  }

  text(): Promise<string> {
    return this.#read((bytes) => decodeText(bytes, this.contentType.charset))
  }

  json(): Promise<unknown> {
    return (this.#json ??= this.#readJson())
  }

  form(): Promise<Form> {
    return (this.#form ??= this.#readForm())
  }

  /** What was parsed from it, by the type it says it has; `undefined` where there is no body. */
  async value(): Promise<unknown> {
    if (this.#json === undefined && this.#form === undefined && this.isEmpty) return undefined
    return isFormType(this.contentType) ? (await this.form()).fields : this.json()
  }

  /**
   * What guests find as `req.body`: the fields of a form, or JSON; `undefined` where there is neither.
   *
   * What streams isn't touched: forms with files, other types, and what is read by others already.
   */
  parseAhead(): Promise<unknown> | undefined {
    if (this.#form === undefined && this.#json === undefined) {
      const isKnown = isUrlencodedType(this.contentType) || isJsonType(this.contentType)
      const isOthers = this.#stream !== undefined || (this.#whole === undefined && this.#owner.raw.readableDidRead)
      if (!isKnown || this.isEmpty || isOthers) return undefined
    }
    return this.value()
  }

  /** A field of what was parsed by now; of several in a form the last. */
  field(name: string): unknown {
    if (this.#fields === undefined || !Object.hasOwn(this.#fields, name)) return undefined
    const value = (this.#fields as Record<string, unknown>)[name]
    return this.#form !== undefined && Array.isArray(value) ? (value as unknown[]).at(-1) : value
  }

  /** @throws StateError if it was read in another way */
  get stream(): Readable {
    if (!this.#isStreamTaken) {
      this.#openStream()
      this.#isStreamTaken = true
    }
    return this.#stream as BodyStream
  }

  get contentType(): ContentType {
    return (this.#type ??= parseContentType(this.#owner.raw.headers['content-type']))
  }

  /** Whether there is none. */
  get isEmpty(): boolean {
    return !hasBody(this.#owner.raw)
  }

  #readJson(): Promise<unknown> {
    if (!isJsonType(this.contentType) && !this.isEmpty) return ignoreRejection(this.refuse('The body must be JSON'))
    return this.#read((bytes) => {
      const text = decodeText(bytes, this.contentType.charset)
      // A name that reaches a prototype has one of these in it, or an escape that hides it. The package looks closer, and longer.
      const isSuspect = text.includes('__proto__') || text.includes('constructor') || text.includes('\\u00')
      // Not within `try`: a missing package isn't an error in the body.
      const parse = isSuspect ? safeJson().parse : JSON.parse
      try {
        const value: unknown = parse(text)
        if (typeof value === 'object' && value !== null && !Array.isArray(value)) this.#fields = value
        return value
      } catch {
        throw new HttpError(400, describeJsonFault(text), { failure: 'ERR_TRIBIND_BODY_JSON' })
      }
    })
  }

  /** Returns a promise of what is made of all bytes: one for all steps, since most bodies are read once, and as JSON. */
  #read<T>(make: (bytes: Buffer) => T): Promise<T> {
    const reading = new Reading(make)
    try {
      this.#open().read(reading)
    } catch (error) {
      reading.reject(error)
    }
    return reading.promise
  }

  async #readForm(): Promise<Form> {
    const { charset } = this.contentType
    const { upload } = this.#owner.settings
    if (isMultipartType(this.contentType)) return this.#keep(await this.#readMultipart())
    if (!isUrlencodedType(this.contentType) && !this.isEmpty) return this.refuse('The body must be a form')
    return this.#keep(parseUrlencoded(await this.bytes(), charset, upload))
  }

  async #readMultipart(): Promise<Form> {
    const { upload } = this.#owner.settings
    const source = this.#whole === undefined ? this.#openStream() : Readable.from([await this.bytes()])
    this.#checkOpen()
    const folder = new UploadFolder(upload.dir)
    this.#owner.onRelease(() => folder.remove())
    try {
      return await parseMultipart(source, this.contentType.boundary, upload, folder)
    } catch (error) {
      await this.#stream?.cancel()
      throw error
    }
  }

  #keep(form: Form): Form {
    this.#fields = form.fields
    return form
  }

  /** Begins to read all of it, unless that was begun. */
  #open(): WholeBody {
    if (this.#whole !== undefined) return this.#whole
    this.#checkUnread()
    this.#whole = this.isEmpty ? new WholeBody(Buffer.alloc(0)) : WholeBody.open(this.#owner)
    return this.#whole
  }

  #openStream(): BodyStream {
    this.#checkUnread()
    const stream = new BodyStream(this.#owner)
    this.#stream = stream
    // The rest of the body, if unread, would block the next request on the connection.
    this.#owner.onRelease(() => stream.destroy())
    return stream
  }

  #checkUnread(): void {
    if (this.#isStreamTaken)
      throw new StateError(
        'request.body was already used, which returns the body as a stream: json(), text(), bytes() and forms can no longer read it. Use one of them',
        { failure: 'ERR_TRIBIND_BODY_READ' },
      )
    if (this.#stream !== undefined)
      throw new StateError(
        'the form was already read by form(), file() or files(), which do not keep its bytes: read it in one way only',
        { failure: 'ERR_TRIBIND_BODY_READ' },
      )
    if (this.#whole !== undefined)
      throw new StateError(
        'the body was already read by json(), text(), bytes() or a form: request.body can no longer stream it. Use one of them',
        { failure: 'ERR_TRIBIND_BODY_READ' },
      )
    this.#checkOpen()
  }

  #checkOpen(): void {
    // If the client has gone, reading fails by itself; that isn't an error of the application.
    if (this.#owner.response.raw.writableFinished)
      throw new StateError('the body must be read before the request is answered', { failure: 'ERR_TRIBIND_BODY_GONE' })
    // Nothing would release what reading it takes: its share of what may be inflated, its temporary files.
    if (this.#owner.releases === null) throw gone()
  }

  /** Answers 415 in such a way that the client comes to read it. */
  async refuse(message: string): Promise<never> {
    const { raw, response } = this.#owner
    if (this.#whole === undefined && this.#stream === undefined && !response.raw.shouldKeepAlive)
      await drainBody(raw, response.raw)
    throw new HttpError(415, message, { failure: 'ERR_TRIBIND_BODY_TYPE' })
  }
}

/** Makes something of a whole body. Its promise doesn't end the process if it rejects before it is awaited. */
class Reading<T> implements BodyReader {
  readonly promise: Promise<T>
  readonly #make: (bytes: Buffer) => T
  #settle: { resolve(value: T): void; reject(error: unknown): void } | undefined

  constructor(make: (bytes: Buffer) => T) {
    this.#make = make
    this.promise = new Promise((resolve, reject) => (this.#settle = { resolve, reject }))
  }

  resolve(bytes: Buffer): void {
    try {
      this.#settle?.resolve(this.#make(bytes))
    } catch (error) {
      this.reject(error)
    }
  }

  reject(error: unknown): void {
    // Not before: it makes another promise.
    void ignoreRejection(this.promise)
    this.#settle?.reject(error)
  }
}

/** Whether a request has a body: by its fields (RFC 9112, section 6.3), in HTTP/2 by its stream (RFC 9113, section 8.1). */
export function hasBody(raw: IncomingMessage & { readonly stream?: Http2Stream }): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = raw.headers
  if (Number(length ?? 0) > 0 || coding !== undefined) return true
  return length === undefined && raw.stream?.endAfterHeaders === false
}

import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { ResponseError } from '../../base/errors.ts'
import { type ChooseEncoder, encodeInto, encodeWhole } from './body-encoder.ts'
import { type Frame, sendSource } from './body-source.ts'
import { EventFeed } from '../events/event-feed.ts'
import type { LentRequest } from './lent-response.ts'
import { writeJoinedHead } from './raw-head.ts'
import type { ResponseBody } from './response-body.ts'
import type { HeadField, ResponseHeaders } from './response-headers.ts'
import { type Relayed, sendRelayed } from './send-relayed.ts'

/** What goes out after the buffered body. */
export interface Source {
  /** `undefined` where there is nothing to read, of an empty file for example. */
  readonly stream: Readable | undefined
  /** What there is as a whole in place of a stream, of a small file for example; nothing is written beside it. */
  readonly bytes?: Buffer | undefined
  /** In bytes; `undefined` where it isn't known before the end. */
  readonly length: number | undefined
  /** Takes back what a file has set on the response. Where it is there, nothing is written beside the source. */
  readonly takeBack?: () => void
  /** What was written after the source. */
  after?: ResponseBody
  /** Whether it is read already. What is written then, before its first chunk, precedes it. */
  isBegun?: boolean
  /** Where it is the answer of another server: that goes out as it came, unless something was written beside it. */
  readonly relayed?: Relayed
  /** Calls a function in the asynchronous context that the source is read in. Default: in that of the output. */
  readonly run?: <Result>(act: () => Result) => Result
}

/** What a response that goes out asks of its request. */
export interface OutgoingRequest extends LentRequest {
  /** Of HEAD, the head says what the body would be, and no body follows. */
  readonly method: string
  /** Saves what changed in the session. */
  saveSession(): void | Promise<void>
  /** Lets a saved session take changes again. */
  reopenSession(): void
}

/** A response as it is to go out. */
export interface Outgoing {
  readonly raw: ServerResponse
  readonly request: OutgoingRequest
  /** This and the fields are read as late as can be: an encoder adds some, and a source sets others before its first chunk. */
  readonly status: number
  readonly fields: ResponseHeaders | undefined
  readonly body: ResponseBody
  readonly source: Source | undefined
  readonly chooseEncoder: ChooseEncoder | undefined
  readonly changeHead: (() => void) | undefined
  /** Set once code that isn't ours has got `raw`: it may have set header fields there. */
  readonly lent: { readonly wasHeadLent: boolean } | undefined
  /** Turns the cookies that were set into header fields. */
  pack(): void
}

const bodiless: ReadonlySet<number> = new Set([204, 205, 304])

/** Sends head and body; a promise only where the body is streamed or encoded. */
export function sendResponse(outgoing: Outgoing): void | Promise<void> {
  const { raw, body, source, request } = outgoing
  const isHead = request.method === 'HEAD'
  if (source !== undefined) source.isBegun = true
  if (source?.relayed !== undefined && body.isEmpty && source.after === undefined)
    return sendRelayed(outgoing, source.relayed)
  if (source?.stream !== undefined && !isHead && !bodiless.has(outgoing.status))
    return sendStream(outgoing, source, source.stream)
  outgoing.changeHead?.()
  const hasNoContent = bodiless.has(outgoing.status)
  source?.stream?.destroy()
  const content = hasNoContent ? '' : (source?.bytes ?? body.content())
  const type = body.contentType
  const length = hasNoContent ? 0 : addLength(content, source)
  const createEncoder = outgoing.chooseEncoder?.({ type, length })
  if (createEncoder === undefined || isHead) {
    writeHead(outgoing, hasNoContent, createEncoder === undefined ? length : undefined, type)
    if (isHead || length === undefined) raw.end()
    else endWithBody(outgoing, content, length)
    return
  }
  return encodeWhole(content, createEncoder()).then((encoded) => {
    writeHead(outgoing, false, encoded.length, type)
    raw.end(encoded)
  })
}

/**
 * Sends what was written, as it is, after a head that went out through `raw`.
 *
 * @throws ResponseError for a file, whose head is part of what it is
 */
export function sendRest({ raw, body, source }: Outgoing): void | Promise<void> {
  if (source?.takeBack !== undefined)
    throw new ResponseError(
      "a file can't follow a head that was sent through response.raw: set status and header fields on the response instead",
      { failure: 'ERR_TRIBIND_RESPONSE_FILE_AFTER_HEAD' },
    )
  const begin = () => {
    if (!body.isEmpty) raw.write(body.content())
    return raw
  }
  if (source?.stream === undefined) return void raw.end(body.content())
  source.isBegun = true
  return sendSource(raw, source.stream, { beforeHead: () => {}, begin, end: () => source.after?.content() ?? '' })
}

function sendStream(outgoing: Outgoing, source: Source, stream: Readable): Promise<void> {
  const { raw, body, request } = outgoing
  if (stream instanceof EventFeed) {
    // What was written beside it would be read as events.
    body.clear()
    delete source.after
    // A connection that such a stream had is not worth keeping, and would hold up a stop.
    raw.shouldKeepAlive = false
  } else {
    // The code of a generator runs only now: what it changes before its first chunk is saved before the head goes out.
    request.reopenSession()
  }
  const send = () => sendSource(raw, stream, createFrame(outgoing, source))
  return source.run === undefined ? send() : source.run(send)
}

function createFrame(outgoing: Outgoing, source: Source): Frame {
  const { raw, body, request } = outgoing
  return {
    beforeHead: () => request.saveSession(),
    begin(chunk) {
      outgoing.pack()
      outgoing.changeHead?.()
      const content = body.content()
      const isBytes = chunk instanceof Uint8Array && body.isEmpty
      const type = body.contentType ?? (isBytes ? 'application/octet-stream' : 'text/plain; charset=utf-8')
      const whole = addLength(content, source)
      const createEncoder = outgoing.chooseEncoder?.({ type, length: whole })
      writeHead(outgoing, false, createEncoder === undefined ? whole : undefined, type)
      // More or less than was announced would be read as another response.
      raw.strictContentLength = true
      const sink = createEncoder === undefined ? raw : encodeInto(raw, createEncoder())
      if (!body.isEmpty) sink.write(content)
      return sink
    },
    end: () => source.after?.content() ?? '',
  }
}

/**
 * Ends a response with its whole body, in one plain write wherever that can be.
 *
 * `end(body)` of `node:http` writes head and body and, after them, an empty chunk; the two go out through `writev`, which
 * allocates a buffer for them. Written between a `cork` and an `uncork` of ours, the same bytes are one write of one
 * string, and nothing is left for `end` to write: docs/performance.md says what that saves.
 *
 * @param outgoing its fields go out in the encoding of the text that follows them, and they are latin1
 * @param length of the body in bytes
 */
function endWithBody(outgoing: Outgoing, body: string | Buffer, length: number): void {
  const { raw } = outgoing
  // As many bytes as characters are ASCII, the same in both encodings.
  const isAscii = body.length === length
  const content = isAscii || isAsciiHead(outgoing) ? body : Buffer.from(body as string)
  const encoding = isAscii ? 'latin1' : 'utf8'
  const { socket, req } = raw as Partial<ServerResponse>
  // A response that waits behind others of its connection has no socket yet, one that isn't of node:http perhaps never;
  // and HTTP/2 has frames of its own.
  if (!socket || length === 0 || req?.httpVersionMajor !== 1) return void raw.end(content, encoding)
  socket.cork()
  raw.write(content, encoding)
  socket.uncork()
  raw.end()
}

function isAsciiHead({ raw, fields, lent }: Outgoing): boolean {
  return !lent?.wasHeadLent && raw.getHeaderNames().length === 0 && fields?.isAscii !== false
}

/** How many bytes go out; `undefined` where that isn't known before the end. */
function addLength(content: string | Buffer, source: Source | undefined): number | undefined {
  if (source === undefined || source.bytes !== undefined) return Buffer.byteLength(content)
  if (source.length === undefined) return undefined
  return Buffer.byteLength(content) + source.length + Buffer.byteLength(source.after?.content() ?? '')
}

function writeHead(
  { raw, status, fields, lent }: Outgoing,
  hasNoContent: boolean,
  length: number | undefined,
  type: string | undefined,
): void {
  const isShared = lent?.wasHeadLent || raw.getHeaderNames().length > 0
  const hasType = fields?.has('content-type') || (isShared && raw.hasHeader('content-type'))
  const ownType = hasNoContent || hasType ? undefined : type
  const ownLength = status === 204 || status === 304 ? undefined : length
  const head = listOwnFields(ownType, ownLength)
  fields?.appendTo(head, (name) => {
    // The framing is node:http's, and one length is enough (RFC 9112, section 6.3).
    if (name === 'transfer-encoding' || name === 'trailer') return true
    return name === 'content-length' ? length !== undefined || hasNoContent : name === 'content-type' && hasNoContent
  })
  if (isShared) writeJoinedHead(raw, status, head)
  else raw.writeHead(status, head)
}

/** Arrays with room for just what nearly all answers have; one that `push` fills gets room for seventeen more. */
function listOwnFields(type: string | undefined, length: number | undefined): HeadField[] {
  if (type === undefined) return length === undefined ? [] : ['Content-Length', length]
  return length === undefined ? ['Content-Type', type] : ['Content-Type', type, 'Content-Length', length]
}

/** The fields that go with a 101: neither those of a body nor those that the other protocol sets itself. */
export function listSwitchFields(fields: ResponseHeaders | undefined): readonly string[] {
  const head: HeadField[] = []
  fields?.appendTo(head, (name) => /^(?:content-|sec-websocket-|(?:connection|transfer-encoding|upgrade)$)/.test(name))
  return head.map(String)
}

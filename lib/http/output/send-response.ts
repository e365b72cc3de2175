import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { type ChooseEncoder, encodeInto, encodeWhole } from './body-encoder.ts'
import { sendSource } from './body-source.ts'
import { endWithBody } from './end-with-body.ts'
import { EventFeed } from '../events/event-feed.ts'
import { writeJoinedHead } from './raw-head.ts'
import type { ResponseBody } from './response-body.ts'
import type { ResponseHeaders } from './response-headers.ts'

/** What goes out after the buffered body. */
export interface Source {
  /** `undefined` where there is nothing to read, of an empty file for example. */
  readonly stream: Readable | undefined
  /** In bytes; `undefined` where it isn't known before the end. */
  readonly length: number | undefined
}

/** A response as it is to go out. */
export interface Outgoing {
  readonly raw: ServerResponse
  /** Whether the request was HEAD: then the head says what the body would be, and no body follows. */
  readonly isHead: boolean
  /** This and the fields are read as late as can be: an encoder adds some, and a source sets others before its first chunk. */
  readonly status: number
  readonly fields: ResponseHeaders | undefined
  readonly body: ResponseBody
  readonly source: Source | undefined
  readonly chooseEncoder: ChooseEncoder | undefined
  /** Whether header fields were set on `raw` by others. */
  readonly wasLent: boolean
}

/** Sends head and body; a promise only where the body is streamed or encoded. */
export function sendResponse(outgoing: Outgoing): void | Promise<void> {
  const { raw, body, source, isHead } = outgoing
  const { status } = outgoing
  const hasNoContent = status === 204 || status === 205 || status === 304
  if (source?.stream !== undefined && !hasNoContent && !isHead)
    return sendStream(outgoing, source.stream, source.length)
  source?.stream?.destroy()
  const content = hasNoContent ? '' : body.content()
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

function sendStream(outgoing: Outgoing, stream: Readable, length: number | undefined): Promise<void> {
  const { raw, body } = outgoing
  if (stream instanceof EventFeed) {
    // What was written beside it would be read as events.
    body.clear()
    // A connection that such a stream had is not worth keeping, and would hold up a stop.
    raw.shouldKeepAlive = false
  }
  return sendSource(raw, stream, (chunk) => {
    const content = body.content()
    const isBytes = chunk instanceof Uint8Array && body.isEmpty
    const type = body.contentType ?? (isBytes ? 'application/octet-stream' : 'text/plain; charset=utf-8')
    const whole = addLength(content, { stream, length })
    const createEncoder = outgoing.chooseEncoder?.({ type, length: whole })
    writeHead(outgoing, false, createEncoder === undefined ? whole : undefined, type)
    // More or less than was announced would be read as another response.
    raw.strictContentLength = true
    const sink = createEncoder === undefined ? raw : encodeInto(raw, createEncoder())
    if (!body.isEmpty) sink.write(content)
    return sink
  })
}

/** How many bytes go out; `undefined` where that isn't known before the end. */
function addLength(content: string | Buffer, source: Source | undefined): number | undefined {
  if (source === undefined) return Buffer.byteLength(content)
  return source.length === undefined ? undefined : source.length + Buffer.byteLength(content)
}

function writeHead(
  { raw, status, fields, wasLent }: Outgoing,
  hasNoContent: boolean,
  length: number | undefined,
  type: string | undefined,
): void {
  const isShared = wasLent || raw.getHeaderNames().length > 0
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
function listOwnFields(type: string | undefined, length: number | undefined): string[] {
  if (type === undefined) return length === undefined ? [] : ['Content-Length', String(length)]
  return length === undefined ? ['Content-Type', type] : ['Content-Type', type, 'Content-Length', String(length)]
}

/** The fields that go with a 101: neither those of a body nor those that the other protocol sets itself. */
export function listSwitchFields(fields: ResponseHeaders | undefined): string[] {
  const head: string[] = []
  fields?.appendTo(head, (name) => /^(?:content-|sec-websocket-|(?:connection|transfer-encoding|upgrade)$)/.test(name))
  return head
}

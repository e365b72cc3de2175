import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Writable } from 'node:stream'
import { type ChooseEncoder, encodeInto } from './body-encoder.ts'
import { flushHeadSoon } from './flush-head.ts'
import { writeJoinedHead } from './raw-head.ts'
import type { HeadField, ResponseHeaders } from './response-headers.ts'

/** The answer of another server, which goes out as it came. */
export interface Relayed {
  readonly status: number
  /** The reason phrase. */
  readonly reason: string
  /** Of the body in bytes, by its Content-Length; `undefined` where it has none. */
  readonly length: number | undefined
  /**
   * Sends the body, with back pressure, and ends what it is written to. Resolves at the end; there is no promise where all of it is
   * there. Of a body that breaks off, the response is destroyed.
   *
   * @param isAsItCame false where it is encoded on its way
   */
  pump(sink: Writable, isAsItCame: boolean): void | Promise<void>
  /** The body isn't to go out. */
  drop(): void
}

/** A response as it is to go out. */
interface Outgoing {
  readonly raw: ServerResponse
  readonly request: { readonly method: string; readonly raw: IncomingMessage }
  readonly status: number
  readonly fields: ResponseHeaders | undefined
  readonly chooseEncoder: ChooseEncoder | undefined
  readonly changeHead: (() => void) | undefined
  readonly lent: { readonly wasHeadLent: boolean } | undefined
}

/**
 * Sends an answer of another server: its length stays also where no body follows, no type is added, and its head goes out
 * without waiting for the body.
 */
export function sendRelayed(outgoing: Outgoing, relayed: Relayed): void | Promise<void> {
  const { raw, status, request } = outgoing
  outgoing.changeHead?.()
  const hasBody = request.method !== 'HEAD' && status !== 204 && status !== 304
  const createEncoder = outgoing.chooseEncoder?.({ type: undefined, length: relayed.length })
  writeHead(outgoing, relayed, hasBody, hasBody && createEncoder !== undefined)
  if (!hasBody) {
    relayed.drop()
    raw.end()
    return undefined
  }
  const sink = createEncoder === undefined ? raw : encodeInto(raw, createEncoder())
  const sent = relayed.pump(sink, sink === raw)
  // Mostly the body has come along, and the head has gone out with it.
  if (sent !== undefined) flushHeadSoon(raw)
  return sent
}

function writeHead(
  { raw, status, fields, lent, request }: Outgoing,
  { reason, status: relayedStatus }: Relayed,
  hasBody: boolean,
  isEncoded: boolean,
): void {
  const isChunked = hasBody && (isEncoded || !fields?.has('content-length'))
  // HTTP/1.0 has neither chunks nor trailers, and node:http would throw.
  const hasTrailers = request.raw.httpVersionMajor > 1 || (isChunked && request.raw.httpVersion === '1.1')
  const head: HeadField[] = []
  fields?.appendTo(head, (name) => {
    if (name === 'content-length') return isEncoded || status === 204
    return name === 'transfer-encoding' || (name === 'trailer' && !hasTrailers)
  })
  if (
    status === relayedStatus &&
    reason !== '' &&
    reason !== STATUS_CODES[status] &&
    /^[\t\x20-\x7e\x80-\xff]*$/.test(reason)
  )
    raw.statusMessage = reason
  if (lent?.wasHeadLent || raw.getHeaderNames().length > 0) writeJoinedHead(raw, status, head)
  else raw.writeHead(status, head)
}

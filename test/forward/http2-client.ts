import http2 from 'node:http2'
import type { ForwardHandler, ForwardOptions } from 'tribind/forward'
import { protocolOptions } from '../feature/clients.ts'
import { cert } from '../feature/key-pair.ts'
import { closeLater, openFront } from './forward-world.ts'

export interface Http2Answer {
  readonly status: number
  readonly headers: http2.IncomingHttpHeaders
  readonly body: string
  readonly trailers: http2.IncomingHttpHeaders
  readonly informed: readonly http2.IncomingHttpHeaders[]
  /** The code that its stream was closed with. */
  readonly code: number
}

/** A front over HTTP/2 and a client of it. */
export async function openHttp2Client(to: string | ForwardOptions) {
  const front = await openFront(to, protocolOptions.http2)
  const session = http2.connect(`https://127.0.0.1:${front.port}`, { ca: cert }).on('error', () => {})
  closeLater(() => session.destroy())
  const send = (headers: http2.OutgoingHttpHeaders, body?: string, trailers?: http2.OutgoingHttpHeaders) =>
    ask(session, headers, body, trailers)
  return { ...front, handler: front.handler as ForwardHandler, session, send }
}

function ask(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body: string | undefined,
  trailers: http2.OutgoingHttpHeaders | undefined,
): Promise<Http2Answer> {
  return new Promise((resolve) => {
    const stream = session.request(headers, { endStream: body === undefined, waitForTrailers: trailers !== undefined })
    let got: http2.IncomingHttpHeaders = {}
    let received = ''
    let trailing: http2.IncomingHttpHeaders = {}
    const informed: http2.IncomingHttpHeaders[] = []
    stream.setEncoding('utf8')
    stream.on('headers', (fields) => informed.push(fields))
    stream.on('response', (fields) => (got = fields))
    stream.on('trailers', (fields) => (trailing = fields))
    stream.on('data', (chunk: string) => (received += chunk))
    stream.on('wantTrailers', () => stream.sendTrailers(trailers as http2.OutgoingHttpHeaders))
    stream.on('error', () => {})
    stream.on('close', () =>
      resolve({
        status: Number(got[':status']),
        headers: got,
        body: received,
        trailers: trailing,
        informed,
        code: stream.rstCode,
      }),
    )
    if (body !== undefined) stream.end(body)
  })
}

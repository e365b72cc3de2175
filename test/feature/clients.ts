import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import { buffer } from 'node:stream/consumers'
import type { Server } from 'tribind'
import { type Answer, answer, type Ask, complete, type Send } from './answer.ts'
import { cert, key } from './key-pair.ts'

type Options = NonNullable<ConstructorParameters<typeof Server>[0]>

/** What a server is told to speak a protocol. */
export const protocolOptions: Readonly<Record<'socket' | 'https' | 'http2', Options>> = {
  socket: {},
  https: { https: { key, cert } },
  http2: { https: { key, cert }, http2: true },
}

export interface Client {
  send: Send
  close(): void
}

export function openClient(protocol: 'socket' | 'https' | 'http2', port: number): Client {
  if (protocol === 'http2') return openHttp2(port)
  if (protocol === 'socket') return { send: sendToPort(port), close() {} }
  // A handshake for each request would take the time of the tests.
  const agent = new https.Agent({ keepAlive: true, maxSockets: 32, ca: cert, servername: 'localhost' })
  return { send: (ask) => sendWith(https.request, port, ask, { agent }), close: () => agent.destroy() }
}

export function sendToPort(port: number): Send {
  return (ask) => sendWith(http.request, port, ask)
}

/** Over HTTPS, with HTTP/1.1. */
export function sendOverTls(port: number, ca: string = cert): Send {
  return (ask) => sendWith(https.request, port, ask, { ca, servername: 'localhost' })
}

function sendWith(
  request: typeof https.request,
  port: number,
  ask: string | Ask,
  options: https.RequestOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, url, headers, body } = complete(ask)
    const place = { host: '127.0.0.1', port, agent: false }
    const outgoing = request({ ...place, method, path: url, headers, setHost: false, ...options })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      buffer(incoming).then(
        (bytes) => resolve(answer(incoming.statusCode ?? 0, Object.entries(incoming.headers), bytes)),
        reject,
      )
    })
    outgoing.end(body)
  })
}

/** One session for all requests, opened with the first. */
function openHttp2(port: number): Client {
  let session: http2.ClientHttp2Session | undefined
  const connect = () => http2.connect(`https://127.0.0.1:${port}`, { ca: cert }).on('error', () => {})
  return {
    send: (ask) => {
      if (session === undefined || session.closed) session = connect()
      return sendStream(session, ask)
    },
    close: () => session?.destroy(),
  }
}

export async function sendStream(session: http2.ClientHttp2Session, ask: string | Ask): Promise<Answer> {
  const { method, url, headers, body } = complete(ask)
  const { host, connection: _, ...fields } = headers as Record<string, string>
  const head = { ...fields, ':method': method, ':path': url, ':authority': host }
  const stream = session.request(head, { endStream: body === undefined })
  const answered = new Promise<http2.IncomingHttpHeaders>((resolve, reject) => {
    stream.on('response', resolve)
    stream.on('error', reject)
    stream.on('close', () => reject(new Error(`the stream was closed with ${stream.rstCode}`)))
  })
  if (body !== undefined) stream.end(body)
  const { ':status': status, ...received } = await answered
  return answer(Number(status), Object.entries(received), await buffer(stream))
}

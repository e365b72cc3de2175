import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { statusOfFailure } from './failure-status.ts'
import type { ForwardTarget } from './forward-target.ts'
import { hopFilter, idempotentMethods, passTrailers } from '../../kit.ts'
import { IDLE_TIMEOUT_MS, type TargetAgent, type TargetRequestArgs } from './target-agent.ts'

/** A head of an answer may be larger than that of a request; a limit, since it is held in memory. */
const MAX_HEAD_SIZE = 64 * 1024

/** How long a target may take to ask for a body that the client would wait to be asked for (RFC 9110, section 10.1.1). */
const CONTINUE_MS = 1000

/** What a request is relayed with. */
export interface Relaying {
  readonly agent: TargetAgent
  /** What is added to `Via`. */
  readonly via: string
  /** Whether the connection is to end with the answer. */
  readonly isLast: () => boolean
  /** Answers where there is no answer of the target. */
  readonly fail: (status: 403 | 502 | 504, error: Error) => void
}

/** Asks a target for what a client has asked, and answers as the target does. */
export function relayRequest(
  raw: IncomingMessage,
  response: ServerResponse,
  target: ForwardTarget,
  relaying: Relaying,
  isAgain = false,
): void {
  const { agent, fail } = relaying
  const outgoing = request(argsOf(raw, target, relaying))
  const stop = () => outgoing.destroy()
  let hasAnswer = false
  response.once('close', stop)
  outgoing.on('response', (incoming) => {
    hasAnswer = true
    if (relaying.isLast()) response.shouldKeepAlive = false
    relayAnswer(incoming, response, relaying.via)
  })
  outgoing.on('information', ({ statusCode, statusMessage, rawHeaders }) => {
    if (statusCode !== 100) relayInformation(response, statusCode, statusMessage, rawHeaders)
  })
  outgoing.on('upgrade', (_incoming, socket) =>
    socket.destroy(new Error('the target went over to another protocol unasked')),
  )
  outgoing.on('timeout', () =>
    outgoing.destroy(Object.assign(new Error('the target is too slow'), { code: 'ETIMEDOUT' })),
  )
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    raw.unpipe(outgoing)
    // What a client still sends is for no one.
    if (hasAnswer) return void raw.resume()
    response.off('close', stop)
    if (response.destroyed || response.closed) return
    if (isAgain || !wasClosedBefore(raw, outgoing, error)) return fail(statusOfFailure(error), error)
    agent.dropKept()
    relayRequest(raw, response, target, relaying, true)
  })
  sendBody(raw, outgoing)
}

function argsOf(raw: IncomingMessage, target: ForwardTarget, { agent, via }: Relaying): TargetRequestArgs {
  const { host } = target
  const { method } = raw
  const fields = ['Host', target.authority, ...endToEndFields(raw.rawHeaders, raw.headers.connection, 'host', 'via')]
  fields.push('Via', addVia(raw.headers.via, raw.httpVersion, via))
  if (raw.headers['transfer-encoding'] !== undefined) fields.push('Transfer-Encoding', 'chunked')
  // Otherwise node:http would chunk the body that isn't there.
  else if (raw.headers['content-length'] === undefined && !hasNoBody(method)) fields.push('Content-Length', '0')
  if (/\btrailers\b/i.test(String(raw.headers.te))) fields.push('TE', 'trailers', 'Connection', 'TE')
  return {
    ...(method !== undefined && { method }),
    agent,
    target: host,
    host: host.name ?? (host.address as string),
    port: host.port,
    path: target.path,
    setHost: false,
    timeout: IDLE_TIMEOUT_MS,
    maxHeaderSize: MAX_HEAD_SIZE,
    headers: fields as never,
  }
}

function hasNoBody(method: string | undefined): boolean {
  return method !== 'POST' && method !== 'PUT' && method !== 'PATCH'
}

/** Whether a kept connection was closed as the request went out, which says nothing of the target and may be tried again. */
function wasClosedBefore(raw: IncomingMessage, outgoing: ClientRequest, { code }: NodeJS.ErrnoException): boolean {
  const { headers, method = '' } = raw
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  return (
    outgoing.reusedSocket &&
    !hasBody &&
    idempotentMethods.includes(method) &&
    (code === 'ECONNRESET' || code === 'EPIPE')
  )
}

function sendBody(raw: IncomingMessage, outgoing: ClientRequest): void {
  // It is asked again, and has none.
  if (raw.readableEnded) return void outgoing.end()
  let isBegun = false
  const begin = () => {
    if (isBegun || outgoing.destroyed) return
    isBegun = true
    raw.pipe(outgoing, { end: false })
    raw.once('end', () => {
      const trailers = passTrailers(raw.rawTrailers)
      if (trailers !== undefined) outgoing.addTrailers(trailers as never)
      outgoing.end()
    })
  }
  if (!/^100-continue$/i.test(raw.headers.expect ?? '')) return begin()
  // Not by `flushHeaders`, which would send latin1 as UTF-8.
  outgoing.write('', 'latin1')
  const timer = setTimeout(begin, CONTINUE_MS)
  outgoing
    .once('continue', begin)
    .once('close', () => clearTimeout(timer))
    .once('response', () => clearTimeout(timer))
}

function relayAnswer(incoming: IncomingMessage, response: ServerResponse, via: string): void {
  const { statusCode = 502, statusMessage = '', rawHeaders, httpVersion, headers } = incoming
  const fields = endToEndFields(rawHeaders, headers.connection, 'via')
  fields.push('Via', addVia(headers.via, httpVersion, via))
  // With a length, there would be no place for trailers; without chunks neither.
  response.writeHead(statusCode, isPhrase(statusMessage) ? statusMessage : '', fields as never)
  incoming.pipe(response, { end: false })
  incoming.once('end', () => {
    const trailers = passTrailers(incoming.rawTrailers)
    if (trailers !== undefined) response.addTrailers(trailers as never)
    response.end()
  })
  // A body that breaks off is to be seen as short.
  incoming.once('close', () => incoming.complete || response.destroy())
  incoming.on('error', () => {})
}

function isPhrase(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]+$/.test(text)
}

/** For want of a method of node:http: it has one for 100, 102 and 103 alone, and that with links only. */
interface RawWriter {
  _writeRaw(text: string, encoding: 'latin1'): void
}

function relayInformation(
  response: ServerResponse,
  status: number,
  reason: string,
  rawHeaders: readonly string[],
): void {
  if (response.headersSent || response.req.httpVersion !== '1.1' || response.socket === null) return
  const fields = endToEndFields(rawHeaders, undefined)
  const lines = Array.from({ length: fields.length / 2 }, (_, i) => `${fields[2 * i]}: ${fields[2 * i + 1]}\r\n`)
  ;(response as unknown as RawWriter)._writeRaw(`HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n`, 'latin1')
}

/**
 * Returns the fields of a message that are for the other end, without those named `left`. Those that say where its body ends are kept,
 * whatever `Connection` names: it is passed on as it came.
 *
 * @param raw names and values in turn, as `node:http` has them
 * @param connection the field `Connection`
 */
function endToEndFields(raw: readonly string[], connection: string | undefined, ...left: readonly string[]): string[] {
  const isHop = hopFilter(connection)
  const kept: string[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase()
    const isKept = name === 'content-length' || (!isHop(name) && !left.includes(name))
    if (isKept) kept.push(raw[i] as string, raw[i + 1] as string)
  }
  return kept
}

/** Returns what a field `Via` says once a message has passed here (RFC 9110, section 7.6.3). */
function addVia(passed: string | undefined, httpVersion: string, via: string): string {
  const own = via.replace(/^\S+/, httpVersion)
  return passed === undefined ? own : `${passed}, ${own}`
}

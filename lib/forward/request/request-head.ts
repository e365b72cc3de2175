import { HttpError } from '../../index.ts'
import { type Fields, forwardedFor, hopFilter, isForwardedName, type ReadChanges, type RequestCore } from '../../kit.ts'
import type { BodyFraming } from './body-framing.ts'
import { viaOf } from './server-id.ts'

/** What a request asks of the connection. */
export interface Asked {
  /** Whether the request asks for another protocol, and may get it. */
  readonly isUpgrade: boolean
  /** Whether the client waits for the node to accept its body. */
  readonly awaitsContinue: boolean
}

/**
 * Returns the fields of a request as a node gets them.
 *
 * @param host the value of the Host field
 *
 * **Security.** What an untrusted client says of other clients and hosts (`X-Forwarded-*`, also with `_`, and `Forwarded`) doesn't go
 * on, and `Connection` can't remove what is added here.
 */
export function createRequestHead(
  core: RequestCore,
  framing: BodyFraming,
  host: string,
  changes: ReadChanges,
  { isUpgrade, awaitsContinue }: Asked,
): Fields {
  const { raw } = core
  const { headers, rawHeaders } = raw
  const { isFromProxy } = core
  const isHop = hopFilter(headers.connection)
  const fields: Fields = ['Host', host]
  let cookies: string | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    const value = rawHeaders[i + 1] as string
    const key = name.toLowerCase()
    if (isHop(key) || changes.has(key) || isOurs(key, isFromProxy)) continue
    if (key === 'trailer' && framing.kind !== 'chunked') continue
    if (key === 'expect' && !awaitsContinue) continue
    // HTTP/2 may send each cookie on its own (RFC 9113, section 8.2.3).
    if (key === 'cookie') cookies = cookies === undefined ? value : `${cookies}; ${value}`
    else fields.push(name, value)
  }
  if (cookies !== undefined) fields.push('Cookie', cookies)
  addForwarded(fields, core, changes)
  addVia(fields, core, changes)
  for (const { name, value } of changes.values()) if (value !== '') fields.push(name, value)
  addConnection(fields, core, isUpgrade)
  addFraming(fields, framing, core.changed?.method ?? core.method)
  return fields
}

/** Whether a field is set anew: from a trusted client, what it says goes on. */
function isOurs(key: string, isFromProxy: boolean): boolean {
  if (key === 'host' || key === 'via' || key === 'x-forwarded-for') return true
  return !isFromProxy && isForwardedName(key)
}

function addForwarded(fields: Fields, core: RequestCore, changes: ReadChanges): void {
  const { raw, isFromProxy } = core
  const { headers } = raw
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '' && !changes.has(name.toLowerCase())) fields.push(name, value)
  }
  add('X-Forwarded-For', forwardedFor(core))
  const isThere = (key: string) => isFromProxy && headers[key] !== undefined
  const authority = headers.host
  const isSecure = (raw.socket as { readonly encrypted?: boolean }).encrypted === true
  const protocol = isThere('x-forwarded-proto') ? core.protocol : isSecure ? 'https' : 'http'
  if (!isThere('x-forwarded-host')) add('X-Forwarded-Host', authority)
  if (!isThere('x-forwarded-proto')) add('X-Forwarded-Proto', protocol)
  if (!isThere('x-forwarded-port')) add('X-Forwarded-Port', portOf(core.authority, protocol))
}

function portOf(authority: string | undefined, protocol: string): string {
  return /:(\d+)$/.exec(authority ?? '')?.[1] ?? (protocol === 'https' ? '443' : '80')
}

function addVia(fields: Fields, { raw, server }: RequestCore, changes: ReadChanges): void {
  const before = textOf(raw.headers.via)
  const via = viaOf(server)
  if (!changes.has('via')) fields.push('Via', before === '' ? via : `${before}, ${via}`)
}

/** @throws HttpError 508 for a request that has passed this server already */
export function refuseLoop({ raw, server }: RequestCore): void {
  const { via } = raw.headers
  if (via === undefined) return
  const [, id] = viaOf(server).split(' ')
  const hasPassed = via.split(',').some((entry) => entry.trim().split(/[\t ]+/)[1] === id)
  if (hasPassed) throw new HttpError(508, undefined, { failure: 'ERR_TRIBIND_FORWARD_LOOP' })
}

function addConnection(fields: Fields, { raw }: RequestCore, isUpgrade: boolean): void {
  const { te, upgrade } = raw.headers
  if (isUpgrade && upgrade !== undefined) fields.push('Connection', 'Upgrade', 'Upgrade', upgrade)
  else if (te !== undefined && /(?:^|,)\s*trailers\s*(?:,|;|$)/i.test(textOf(te)))
    fields.push('Connection', 'TE', 'TE', 'trailers')
}

/** Methods that `node:http` gives no chunks unless it is told to. */
const withoutBody = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'])

function addFraming(fields: Fields, framing: BodyFraming, method: string): void {
  if (framing.kind === 'chunked') fields.push('Transfer-Encoding', 'chunked')
  else if (framing.kind === 'length') fields.push('Content-Length', String(framing.length))
  // RFC 9110, section 8.6.
  else if (!withoutBody.has(method)) fields.push('Content-Length', '0')
}

function textOf(field: string | readonly string[] = ''): string {
  return (typeof field === 'string' ? field : field.join(', ')).trim()
}

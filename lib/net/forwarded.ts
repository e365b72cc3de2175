import type { IncomingHttpHeaders } from 'node:http'
import { isIP, SocketAddress } from 'node:net'
import { parseHost } from './host.ts'
import { normalizeAddress } from './address-ranges.ts'
import type { ProxyTrust } from './proxy-trust.ts'

/** What trusted proxies report about a request. */
export interface Forwarded {
  /** The address of the first machine, seen from the server, that isn't a trusted proxy; else that of the furthest one named. */
  readonly ip: string
  /** `undefined` if they name none; then that of the request counts. */
  readonly host: string | undefined
  /** As `host`, with its port. */
  readonly authority: string | undefined
  readonly protocol: 'http' | 'https' | undefined
  /** Whether host or protocol can't be parsed; such a request is answered 400. */
  readonly isBad: boolean
}

const protocols: Readonly<Record<string, 'http' | 'https'>> = {
  http: 'http',
  https: 'https',
  ws: 'http',
  wss: 'https',
}

/**
 * Reads X-Forwarded-For, -Host and -Proto, all three as far as the same proxies are trusted.
 *
 * Proxies append to these lists. So the address is searched from the end, hop by hop, until one isn't trusted or can't be
 * parsed. The host and protocol that count are those appended by the last trusted proxy found in this way, or the first in
 * the list if the proxies replace them instead of appending.
 *
 * @param peer the address of the connected machine
 * @returns `undefined` if the peer isn't trusted
 */
export function readForwarded(peer: string, headers: IncomingHttpHeaders, trust: ProxyTrust): Forwarded | undefined {
  if (!trust(peer, 0)) return undefined
  const addresses = listOf(headers, 'x-forwarded-for')
  let ip = peer
  let hops = 1
  for (let text = addresses.pop(); text !== undefined; text = addresses.pop()) {
    const address = parseAddress(text)
    if (address === undefined) break
    ip = address
    if (!trust(address, hops)) break
    hops++
  }
  const authority = entryOf(listOf(headers, 'x-forwarded-host'), hops)
  const protocolText = entryOf(listOf(headers, 'x-forwarded-proto'), hops)?.toLowerCase()
  const host = authority === undefined ? undefined : parseHost(authority) || undefined
  const protocol = Object.hasOwn(protocols, protocolText ?? '') ? protocols[protocolText as string] : undefined
  const isBad = (authority !== undefined && host === undefined) || (protocolText !== undefined && !protocol)
  return { ip: canonical(ip), host, authority, protocol, isBad }
}

/** Returns the entries of a field, trimmed; an empty list for a field that is empty or missing. */
function listOf(headers: IncomingHttpHeaders, name: string): string[] {
  // Node joins several lines of these fields with commas.
  const field = headers[name] as string | undefined
  return field === undefined || field.trim() === '' ? [] : field.split(',').map((entry) => entry.trim())
}

function entryOf(entries: readonly string[], hops: number): string | undefined {
  return entries[Math.max(0, entries.length - hops)]
}

// Some proxies add the port: `192.0.2.1:5678`, `[2001:db8::1]:5678`.
function parseAddress(text: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+)(?::\d+)?)$/i.exec(text) ?? []
  const address = bracketed ?? plain ?? text
  return isIP(address) === 0 || address.includes('%') ? undefined : normalizeAddress(address)
}

function canonical(address: string): string {
  if (isIP(address) !== 6 || address.includes('%')) return address
  return normalizeAddress(new SocketAddress({ address, family: 'ipv6' }).address)
}

/** Returns whether a field, by its lower-case name, says something of other clients and hosts: some servers take `_` for `-`. */
export function isForwardedName(key: string): boolean {
  return /^(?:x[-_]forwarded[-_]|forwarded$)/.test(key)
}

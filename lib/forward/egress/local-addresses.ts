import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { InterfaceEntry } from './interface-option.ts'

/** An address of this machine, or one that is to be. */
export interface LocalAddress {
  /** An IPv6 address of one link has its zone. */
  readonly address: string
  readonly family: 4 | 6
}

/** What an entry of `interface` stands for at this moment, or why it stands for nothing. */
export type Standing = readonly LocalAddress[] | string

/**
 * Returns the addresses that an entry stands for.
 *
 * @param camein the address at which the client came in
 * @param interfaces returns those of this machine; Node.js lists the ones that are up
 */
export function localAddressesOf(
  entry: InterfaceEntry,
  cameIn: string | undefined,
  interfaces: () => Interfaces = networkInterfaces,
): Standing {
  if (entry.kind === 'address') return [toLocal(entry.text)]
  if (entry.kind === 'auto') {
    return cameIn === undefined || isIP(cameIn) === 0 ? 'no client came in at an address' : [toLocal(cameIn)]
  }
  const addresses = interfaces()[entry.text] ?? []
  if (addresses.length === 0) return 'no interface of that name is up'
  const locals = addresses.map(({ address, scopeid }) => toLocal(scopeid ? `${address}%${entry.text}` : address))
  // One of the link alone reaches no further.
  return [...locals.filter((local) => !isOfLink(local)), ...locals.filter(isOfLink)]
}

type Interfaces = ReturnType<typeof networkInterfaces>

const MAX_AGE_MS = 50

let recent: { readonly at: number; readonly interfaces: Interfaces } | undefined

/** Returns the interfaces of this machine as they were at most 50 ms ago, since each question costs half a millisecond. */
export function recentInterfaces(): Interfaces {
  const at = performance.now()
  if (recent === undefined || at - recent.at > MAX_AGE_MS) recent = { at, interfaces: networkInterfaces() }
  return recent.interfaces
}

/** An IPv4 address as a socket of both families writes it (RFC 4291, section 2.5.5.2) is the IPv4 address. */
export function unmapped(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  return mapped?.[1] ?? address
}

function toLocal(address: string): LocalAddress {
  const plain = unmapped(address)
  return { address: plain, family: isIP(plain) as 4 | 6 }
}

function isOfLink({ address }: LocalAddress): boolean {
  return /^fe[89ab]/i.test(address)
}

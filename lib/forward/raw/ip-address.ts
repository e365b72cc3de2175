import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

const guarded = new BlockList()
guarded.addSubnet('169.254.0.0', 16, 'ipv4')
guarded.addSubnet('fe80::', 10, 'ipv6')
// Of Amazon's instances, in a range that is private otherwise.
guarded.addAddress('fd00:ec2::254', 'ipv6')

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Returns an address in its one form, without brackets and zone; `undefined` for anything but an address. */
export function parseIp(text: string): string | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  const [address = ''] = bare.split('%')
  const version = isIP(address)
  if (version !== 6) return version === 4 ? address : undefined
  return new URL(`http://[${address}]`).hostname.slice(1, -1)
}

/**
 * Returns the addresses that an address in its one form stands for: itself, and the IPv4 address in one that is IPv4-mapped (RFC 4291,
 * section 2.5.5.2) or of a NAT64 (RFC 6052, section 2.1).
 */
export function formsOf(address: string): readonly string[] {
  const [, high, low] = /^(?:::ffff|64:ff9b:):([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? []
  if (high === undefined || low === undefined) return [address]
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [address, `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`]
}

/** Whether an address is one of the link, where clouds answer with the keys of their machines. */
export function isGuarded(address: string): boolean {
  return formsOf(address).some((form) => isWithin(guarded, form))
}

/** Whether an address is one of no machine, which the system takes for this one. */
export function isUnspecified(address: string): boolean {
  return formsOf(address).some((form) => form === '::' || form.startsWith('0.'))
}

export function isLoopback(address: string): boolean {
  return formsOf(address).some((form) => isWithin(loopback, form))
}

/** Whether an address is one of this machine. */
export function isLocal(address: string): boolean {
  if (isLoopback(address)) return true
  const interfaces = Object.values(networkInterfaces()).flatMap((all = []) => all)
  const own = new Set(interfaces.map((one) => parseIp(one.address)))
  return formsOf(address).some((form) => own.has(form))
}

function isWithin(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

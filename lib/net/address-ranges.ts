import { BlockList, isIP } from 'node:net'

// The names that the package proxy-addr introduced.
const namedRanges: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

/** What an entry may be, in the words that follow "must list" in a message. */
export const rangeWords: string = `addresses, ranges such as 10.0.0.0/8, or names (${Object.keys(namedRanges).join(', ')})`

/** Addresses and ranges of addresses (CIDR, RFC 4632, section 3.1). */
export class AddressRanges {
  readonly #ranges = new BlockList()

  /** Returns whether an entry is an address, a range or a name of ranges, and adds it if so. */
  add(entry: string): boolean {
    if (Object.hasOwn(namedRanges, entry)) return namedRanges[entry]?.every((range) => this.add(range)) === true
    const [, address = '', prefix] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? []
    const version = isIP(address)
    const size = version === 6 ? 128 : 32
    const bits = Number(prefix ?? size)
    if (version === 0 || bits > size) return false
    const mapped = normalizeAddress(address)
    if (mapped !== address && bits >= 96) this.#ranges.addSubnet(mapped, bits - 96, 'ipv4')
    else this.#ranges.addSubnet(address, bits, version === 6 ? 'ipv6' : 'ipv4')
    return true
  }

  /** Returns whether an address is in one of them; false for what is no address. */
  has(address: string): boolean {
    // The zone of a link-local address says through which interface it came.
    const [plain = ''] = normalizeAddress(address).split('%')
    const version = isIP(plain)
    return version !== 0 && this.#ranges.check(plain, version === 6 ? 'ipv6' : 'ipv4')
  }
}

/** Returns the IPv4 address of an IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2), and other addresses as they are. */
export function normalizeAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
}

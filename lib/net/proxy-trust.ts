import { BlockList, isIP } from 'node:net'
import { ConfigError } from '../base/errors.ts'

/** The proxies whose forwarded fields count: none, all, that number of hops, or those at the listed addresses and ranges. */
export type TrustProxy = boolean | number | string | readonly string[]

/**
 * Returns whether the machine at an address is a trusted proxy.
 *
 * @param hop 0 for the connected machine, 1 for the one behind it, and so on
 */
export type ProxyTrust = (address: string, hop: number) => boolean

// The names that the package proxy-addr introduced.
const namedRanges: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

/**
 * Parses the option `trustProxy`. A string is a list joined with `,`.
 *
 * @returns `undefined` if no proxy is trusted
 * @throws ConfigError naming the entry that isn't an address, a CIDR range (RFC 4632, section 3.1) or a name of ranges
 */
export function parseTrust(option: TrustProxy): ProxyTrust | undefined {
  if (option === false || option === 0) return undefined
  if (option === true) return () => true
  if (typeof option === 'number') return (_address, hop) => hop < option
  const ranges = new BlockList()
  for (const entry of typeof option === 'string' ? option.split(',') : option) addEntry(ranges, String(entry).trim())
  return (address) => isListed(ranges, address)
}

/** Returns the IPv4 address of an IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2), and other addresses as they are. */
export function normalizeAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
}

function addEntry(ranges: BlockList, entry: string): void {
  const named = Object.hasOwn(namedRanges, entry) ? namedRanges[entry] : undefined
  if (named !== undefined) {
    for (const range of named) addEntry(ranges, range)
    return
  }
  const [, address = '', prefix] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? []
  const version = isIP(address)
  const bits = version === 6 ? 128 : 32
  if (version === 0 || Number(prefix ?? 0) > bits) {
    const names = Object.keys(namedRanges).join(', ')
    throw new ConfigError(
      `option "trustProxy" must list addresses, ranges such as 10.0.0.0/8, or names (${names}), got ${JSON.stringify(entry)}`,
      { failure: 'ERR_TRIBIND_OPTION_VALUE' },
    )
  }
  ranges.addSubnet(address, Number(prefix ?? bits), version === 6 ? 'ipv6' : 'ipv4')
}

function isListed(ranges: BlockList, address: string): boolean {
  const version = isIP(address)
  return version !== 0 && ranges.check(address, version === 6 ? 'ipv6' : 'ipv4')
}

import { ConfigError } from '../base/errors.ts'
import { AddressRanges, rangeWords } from './address-ranges.ts'

/** The proxies whose forwarded fields count: none, all, that number of hops, or those at the listed addresses and ranges. */
export type TrustProxy = boolean | number | string | readonly string[]

/**
 * Returns whether the machine at an address is a trusted proxy.
 *
 * @param hop 0 for the connected machine, 1 for the one behind it, and so on
 */
export type ProxyTrust = (address: string, hop: number) => boolean

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
  const ranges = new AddressRanges()
  for (const entry of typeof option === 'string' ? option.split(',') : option) {
    if (!ranges.add(String(entry).trim()))
      throw new ConfigError(
        `option "trustProxy" must list ${rangeWords}, got ${JSON.stringify(String(entry).trim())}`,
        { failure: 'ERR_TRIBIND_OPTION_VALUE' },
      )
  }
  return (address) => ranges.has(address)
}

import { domainToASCII } from 'node:url'
import { RouteError } from '../base/errors.ts'

/** The domain of what is bound without a domain. */
export const ANY_DOMAIN = ''

// A name, an IPv4 address or a bracketed IPv6 address; a name may have `*.` before it.
const domainPattern =
  /^(?:(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*|\[[0-9a-f:.]+\])$/

/**
 * Parses a list of domains joined with `,`: host names in any case and any script, without port. `*.` before a name stands
 * for every host below it.
 *
 * @throws RouteError naming the domain that isn't a host name
 */
export function parseDomains(list: string): string[] {
  return [...new Set(list.split(',').map((domain) => parseDomain(domain.trim())))]
}

function parseDomain(text: string): string {
  const isWildcard = text.startsWith('*.')
  const name = isWildcard ? text.slice(2) : text
  // domainToASCII returns '' for anything but a host name; it would also resolve odd numbers such as 0x7f.
  const ascii = /^[\x00-\x7f]*$/.test(name) ? name.toLowerCase() : domainToASCII(name)
  const domain = isWildcard ? `*.${ascii}` : ascii
  if (!domainPattern.test(domain)) {
    throw new RouteError(`a domain must be a host name without port, or "*." and a host name, got "${text}"`, {
      failure: 'ERR_TRIBIND_ROUTE_DOMAIN_INVALID',
    })
  }
  return domain
}

export function isWildcard(domain: string): boolean {
  return domain.startsWith('*.')
}

/** Returns whether a host, or every host below a `*.` domain, belongs to `domain`. */
export function isWithin(host: string, domain: string): boolean {
  if (domain === ANY_DOMAIN || host === domain) return true
  return isWildcard(domain) && host.endsWith(domain.slice(1)) && host.length >= domain.length
}

import { domainToASCII } from 'node:url'
import { RouteError } from '../base/errors.ts'

/** The domain of what is bound to no domain. */
export const ANY_DOMAIN = ''

// A name, an IPv4 or a bracketed IPv6 address; `*.` may stand before a name.
const domainPattern =
  /^(?:(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*|\[[0-9a-f:.]+\])$/

/**
 * Reads a list of domains joined with `,`: host names in any case and any script, without port; `*.` stands for every
 * host below the name.
 *
 * @throws RouteError naming the domain that isn't one
 */
export function parseDomains(list: string): string[] {
  return [...new Set(list.split(',').map((domain) => parseDomain(domain.trim())))]
}

function parseDomain(text: string): string {
  const isWildcard = text.startsWith('*.')
  const name = isWildcard ? text.slice(2) : text
  // domainToASCII gives '' for what can't be a host name; it would also resolve odd numbers such as 0x7f.
  const ascii = /^[\x00-\x7f]*$/.test(name) ? name.toLowerCase() : domainToASCII(name)
  const domain = isWildcard ? `*.${ascii}` : ascii
  if (!domainPattern.test(domain)) {
    throw new RouteError(`"${text}" is no domain: a host name without port, or "*." and a host name`)
  }
  return domain
}

export function isWildcard(domain: string): boolean {
  return domain.startsWith('*.')
}

/** Whether a host, or every host below a `*.` domain, belongs to `domain`. */
export function isWithin(host: string, domain: string): boolean {
  if (domain === ANY_DOMAIN || host === domain) return true
  return isWildcard(domain) && host.endsWith(domain.slice(1)) && host.length >= domain.length
}

import { isIP } from 'node:net'

/** Returns the network that a client has to itself: of IPv6 the first 64 bits (RFC 6177), an IPv4 address as it is. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = (address.split('%')[0] as string).split('::')
  const groupsOf = (text = '') => (text === '' ? [] : text.split(':'))
  const [first, last] = [groupsOf(head), groupsOf(tail)]
  // An IPv4 address at the end is two groups.
  const count = first.length + last.length + (address.includes('.') ? 1 : 0)
  const groups = [...first, ...Array<string>(Math.max(0, 8 - count)).fill('0'), ...last]
  return `${groups.slice(0, 4).join(':')}::/64`
}

import { isIPv6 } from 'node:net'
import type { Target } from '../egress/connections.ts'

const pattern = /^(?:\[([^\]]+)\]|([^\s:[\]/?#@]*)):(\d{1,5})$/

/** Parses `host:port`, `[IPv6]:port` and `:port`, which is of `127.0.0.1`. Returns `undefined` for anything else. */
export function parseNodeAddress(text: string): Target | undefined {
  const [, six, name = '', digits] = pattern.exec(text) ?? []
  const port = Number(digits)
  if (digits === undefined || port < 1 || port > 65_535) return undefined
  if (six !== undefined) return isIPv6(six) ? { host: six, port } : undefined
  return { host: name || '127.0.0.1', port }
}

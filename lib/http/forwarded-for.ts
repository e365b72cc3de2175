import { normalizeAddress } from '../net/address-ranges.ts'
import type { RequestCore } from './request-core.ts'

/** Returns what X-Forwarded-For says of a request that is passed on; the address of a client over a Unix socket isn't known. */
export function forwardedFor(core: RequestCore): string {
  const address = normalizeAddress(core.raw.socket.remoteAddress ?? '')
  const before = core.isFromProxy ? (core.header('x-forwarded-for') ?? '').trim() : ''
  return before === '' || address === '' ? before + address : `${before}, ${address}`
}

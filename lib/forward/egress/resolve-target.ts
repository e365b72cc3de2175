import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { type ConnectLimits, tooSlow } from './connect-socket.ts'
import { type LocalAddress, unmapped } from './local-addresses.ts'

/**
 * Returns the addresses of a host in the order in which they are to be tried: families by turns, beginning with that of the
 * first (RFC 8305, section 4).
 */
export async function resolveTarget(host: string, limits: ConnectLimits): Promise<LocalAddress[]> {
  const literal = unmapped(host)
  const family = isIP(literal)
  if (family !== 0) return [{ address: literal, family: family as 4 | 6 }]
  const found = (await within(lookup(host, { all: true, verbatim: true }), host, limits)) as LocalAddress[]
  const first = found.filter((one) => one.family === found[0]?.family)
  const second = found.filter((one) => one.family !== found[0]?.family)
  return Array.from({ length: Math.max(first.length, second.length) }, (_, i) => [first[i], second[i]])
    .flat()
    .filter((one) => one !== undefined)
}

/** A look-up can't be given up, only left alone. */
function within<T>(lookingUp: Promise<T>, host: string, { timeout, signal }: ConnectLimits): Promise<T> {
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(tooSlow(`looking "${host}" up took longer than ${timeout} ms`)), timeout)
    const onAbort = () => reject(signal?.reason as Error)
    signal?.addEventListener('abort', onAbort)
    void lookingUp.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    })
  })
}

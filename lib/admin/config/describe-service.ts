import type { EntryPoint } from '../../index.ts'
import type { AdminWorld } from '../admin-world.ts'

/** Returns an entry point as GOST shows a service. */
export function describeService(world: AdminWorld, entryPoint: EntryPoint): object {
  return { ...identify(world, entryPoint), status: entryPoint.status() }
}

/** Returns what doesn't change by itself: what the ETag is of. */
export function identify({ parts }: AdminWorld, { name, options, labels }: EntryPoint): object {
  const { address = '', https, enableStats } = options
  const handler = parts.entryPoints().insideOf(name)?.handler
  return {
    name,
    addr: address,
    handler: { type: handler === undefined ? 'http' : nameOf(handler) },
    listener: { type: https === undefined || https === false ? (address.startsWith('unix:') ? 'unix' : 'tcp') : 'tls' },
    metadata: enableStats === true ? { ...labels, enableStats } : labels,
  }
}

/** `forward` for what `forward(…)` returns, otherwise the name of the class in GOST's spelling, such as `socks5-proxy`. */
function nameOf(handler: object): string {
  const name = typeof handler === 'function' ? handler.name : handler.constructor.name
  return name.replaceAll(/(?<=[a-z\d])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()
}

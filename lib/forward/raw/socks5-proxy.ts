import type { OpenService, ServicePlace } from '../../kit.ts'
import { OpenSocks } from './open-socks.ts'
import { type ProxyOptions, readProxyOptions } from './proxy-options.ts'
import { ProxyService } from './proxy-service.ts'
import { SOCKS5 } from './socks5.ts'

/** What is served at an entry point by `socks5Proxy`. */
export class Socks5Proxy extends ProxyService {
  readonly protocol = 'socks5'
  readonly limits = ['headersTimeout'] as const

  open(place: ServicePlace): OpenService {
    const socks = new OpenSocks(place, this.openOutbound(place), this.verify)
    return { serve: (client) => socks.serve(client, [SOCKS5]) }
  }
}

/**
 * Returns a handler of an entry point that is a proxy of SOCKS 5 (RFC 1928), with names and passwords (RFC 1929) where `auth` is set.
 *
 * @throws ConfigError naming the option
 */
export function socks5Proxy(options: ProxyOptions = {}): Socks5Proxy {
  return new Socks5Proxy(readProxyOptions('socks5Proxy', options))
}

import type { Socket } from 'node:net'
import type { OpenService, ServicePlace } from '../../kit.ts'
import { httpLimits, OpenHttpProxy } from './http-proxy.ts'
import { OpenSocks } from './open-socks.ts'
import { type ProxyOptions, readProxyOptions } from './proxy-options.ts'
import { ProxyService } from './proxy-service.ts'
import { SocketReader } from './socket-reader.ts'
import { SOCKS4 } from './socks4.ts'
import { SOCKS5 } from './socks5.ts'

/** What is served at an entry point by `autoProxy`. */
export class AutoProxy extends ProxyService {
  readonly protocol = 'auto'
  readonly limits: typeof httpLimits = httpLimits

  open(place: ServicePlace): OpenService {
    const outbound = this.openOutbound(place)
    const http = new OpenHttpProxy(place, outbound, this.verify)
    const socks = new OpenSocks(place, outbound, this.verify)
    const serve = async (client: Socket) => {
      const first = await peek(client, place)
      if (first === SOCKS4 || first === SOCKS5) return socks.serve(client, [SOCKS4, SOCKS5])
      if (first !== undefined) http.serve(client)
    }
    return { serve, closeIdle: () => http.closeIdle(), close: () => http.close() }
  }
}

/**
 * Returns a handler of an entry point that is a proxy of SOCKS 4, 4a and 5 and of HTTP: it tells them apart by the first byte. With
 * `auth`, clients of SOCKS 4, which knows no passwords, are refused.
 *
 * @throws ConfigError naming the option
 */
export function autoProxy(options: ProxyOptions = {}): AutoProxy {
  return new AutoProxy(readProxyOptions('autoProxy', options))
}

/** Returns the first byte of a connection and leaves it there; `undefined` where none comes. */
async function peek(client: Socket, { limits, statistics }: ServicePlace): Promise<number | undefined> {
  const reader = new SocketReader(client, limits.headersTimeout)
  try {
    const bytes = await reader.take(1)
    client.unshift(bytes)
    return bytes[0]
  } catch {
    if (reader.isTooSlow) statistics?.failed()
    client.destroy()
    return undefined
  } finally {
    reader.release()
  }
}

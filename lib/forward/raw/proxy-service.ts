import { ConnectionService, isUnixAddress, type ListenAddress, type ServicePlace } from '../../kit.ts'
import { Admission } from './admission.ts'
import { isLoopback, parseIp } from './ip-address.ts'
import { DirectOutbound, type Outbound } from './outbound.ts'
import type { ReadProxyOptions, VerifyProxyUser } from './proxy-options.ts'

/** A proxy at an entry point, whatever its clients speak. */
export abstract class ProxyService extends ConnectionService {
  readonly #options: ReadProxyOptions

  constructor(options: ReadProxyOptions) {
    super()
    this.#options = options
  }

  /** `undefined` where every client may use it. */
  protected get verify(): VerifyProxyUser | undefined {
    return this.#options.verify
  }

  /** An open proxy can't be started by mistake. */
  override findProblem(addresses: readonly ListenAddress[]): string | undefined {
    const { verify, allow, open } = this.#options
    const isForOthers = addresses.some((address) => !isUnixAddress(address) && !isOfLoopback(address.host))
    if (!isForOthers || verify !== undefined || allow !== undefined || open) return undefined
    return 'a proxy that other machines can reach must have "auth" or "allow", since anybody could use it; listen on 127.0.0.1, or set "open: true" if that is meant'
  }

  protected openOutbound(place: ServicePlace): Outbound {
    const { egress, allow, deny } = this.#options
    return new DirectOutbound(egress, new Admission({ allow, deny }, (address) => place.isListenedOn(address)))
  }
}

function isOfLoopback(host: string | undefined): boolean {
  if (host === undefined) return false
  const address = parseIp(host)
  return address === undefined ? /^localhost\.?$/i.test(host) : isLoopback(address)
}

import { ConnectionService, isUnixAddress, type ListenAddress, type ServicePlace } from '../../kit.ts'
import { Admission } from './admission.ts'
import { isLoopback, parseIp } from './ip-address.ts'
import { ChainOutbound, DirectOutbound, type Outbound } from './outbound.ts'
import { chainOf } from './proxy-chain.ts'
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

  /** @throws ChainError for the name of a chain that stands for nothing */
  protected openOutbound(place: ServicePlace): Outbound {
    const { chain, egress, allow, deny } = this.#options
    const admission = new Admission({ allow, deny }, (address) => place.isListenedOn(address))
    if (chain === undefined) return new DirectOutbound(egress, admission)
    return new ChainOutbound(chainOf(place, chain), admission)
  }
}

/** Whether only this machine reaches an interface. A name but `localhost` could stand for any. */
export function isOfLoopback(host: string | undefined): boolean {
  if (host === undefined) return false
  const address = parseIp(host)
  return address === undefined ? /^localhost\.?$/i.test(host) : isLoopback(address)
}

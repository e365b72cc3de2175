import type { ConnectLimits } from '../egress/connect-socket.ts'
import { resolveTarget } from '../egress/resolve-target.ts'
import type { AddressRules } from './address-rules.ts'
import { formsOf, isGuarded, isLocal, isUnspecified, parseIp } from './ip-address.ts'
import { Refused } from './refused.ts'
import type { TargetHost } from './target-host.ts'

/** The rules by which targets are let through. */
export interface Rules {
  readonly allow: AddressRules | undefined
  readonly deny: AddressRules | undefined
}

/** Whether the server itself listens on an address. */
export type IsListenedOn = (address: { readonly host: string; readonly port: number }) => boolean

/** Which targets a proxy connects to. */
export class Admission {
  readonly #allow: AddressRules | undefined
  readonly #deny: AddressRules | undefined
  readonly #isListenedOn: IsListenedOn

  constructor({ allow, deny }: Rules, isListenedOn: IsListenedOn) {
    this.#allow = allow
    this.#deny = deny
    this.#isListenedOn = isListenedOn
  }

  /** Whether the rules say something of addresses. */
  get hasAddresses(): boolean {
    return this.#allow?.hasAddresses === true || this.#deny?.hasAddresses === true
  }

  /** Checks what can be said of a target before it is looked up. @throws Refused */
  checkName({ name, address, port }: TargetHost): void {
    if (name === undefined) return this.checkAddress(address as string, { name, port })
    const allow = this.#allow
    const isAllowed = allow === undefined || allow.hasAddresses || allow.hasName(name, port)
    if (this.#deny?.hasName(name, port) === true || !isAllowed) throw new Refused(`${name}:${port}`)
  }

  /** Checks an address of a target, in its one form. @throws Refused */
  checkAddress(address: string, { name, port }: Pick<TargetHost, 'name' | 'port'>): void {
    if (!this.#admits(address, name, port))
      throw new Refused(`${name === undefined ? '' : `${name}, `}${address}:${port}`)
  }

  /**
   * Returns the addresses of a target that are let through, in the order in which the system names them.
   *
   * @throws Refused if none is; the error of the system if the name can't be looked up, or not in time
   */
  async resolve(target: TargetHost, limits: ConnectLimits): Promise<string[]> {
    this.checkName(target)
    const { name, address, port } = target
    if (name === undefined) return [address as string]
    const found = await resolveTarget(name, limits)
    const addresses = found.flatMap((one) => parseIp(one.address) ?? [])
    const admitted = addresses.filter((one) => this.#admits(one, name, port))
    if (admitted.length === 0) throw new Refused(`${name}, ${addresses.join()}:${port}`)
    return admitted
  }

  #isOwn(address: string, port: number): boolean {
    return formsOf(address).some((host) => this.#isListenedOn({ host, port })) && isLocal(address)
  }

  #admits(address: string, name: string | undefined, port: number): boolean {
    const [allow, deny] = [this.#allow, this.#deny]
    if (isUnspecified(address) || deny?.hasAddress(address, port) === true) return false
    if (isGuarded(address) && allow?.namesGuarded(address, port) !== true) return false
    const isAllowed =
      allow === undefined || (name !== undefined && allow.hasName(name, port)) || allow.hasAddress(address, port)
    return isAllowed && !this.#isOwn(address, port)
  }
}

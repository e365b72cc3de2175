import { ConfigError } from '../base/errors.ts'
import { type Address, formatAddress, parseAddresses } from '../net/address.ts'
import { printValue } from '../options/print-value.ts'
import { serverOptions } from './options.ts'

/** The addresses that a server will listen on: those of its options, until `setPort` or `setAddress` change them. */
export class ConfiguredAddresses {
  #address: string
  #port: number | undefined

  constructor(address: string, port: number | undefined) {
    this.#address = address
    this.#port = port
  }

  get all(): readonly Address[] {
    return parseAddresses(this.#address, this.#port)
  }

  get first(): string {
    return formatAddress(this.all[0] as Address)
  }

  /** 0 for a Unix socket. */
  get firstPort(): number {
    const first = this.all[0] as Address
    return 'port' in first ? first.port : 0
  }

  /** Sets the port. @throws ConfigError */
  setPort(port: number): void {
    serverOptions.check('port', port)
    parseAddresses(this.#address, port)
    this.#port = port
  }

  /** Sets the addresses. @throws ConfigError */
  setAddress(address: string): void {
    if (typeof address !== 'string')
      throw new ConfigError(`setAddress: the address must be a string, got ${printValue(address)}`, {
        failure: 'ERR_TRIBIND_ADDRESS_SYNTAX',
      })
    parseAddresses(address)
    this.#address = address
    if (/^\s*unix:|:\d+\s*$/.test(address.split(',', 1)[0] as string)) this.#port = undefined
  }
}

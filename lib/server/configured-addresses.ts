import { ConfigError } from '../base/errors.ts'
import { formatAddress, parseAddresses } from '../net/address.ts'
import { printValue } from '../options/print-value.ts'
import { serverOptions } from './options.ts'

const DEFAULT_ADDRESS = '127.0.0.1:8199'

/** The addresses of the options `address` and `port`, until `setPort` or `setAddress` change them. */
export class ConfiguredAddresses {
  #address: string
  #port: number | undefined

  constructor(address: string = DEFAULT_ADDRESS, port: number | undefined) {
    this.#address = address
    this.#port = port
  }

  /** A list in which each has its port. */
  get text(): string {
    return parseAddresses(this.#address, this.#port)
      .map((address) => formatAddress(address))
      .join()
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

import { ConfigError } from '../base/errors.ts'
import { nameErrors } from '../base/name-errors.ts'
import {
  completeEntryPoint,
  DEFAULT_ENTRY_POINT,
  type EntryPointDefaults,
  type EntryPointOptions,
  type ParsedEntryPoint,
  type ParsedEntryPoints,
  parseEntryPoint,
  type ReadEntryPointOptions,
} from '../entrypoint/entry-point-options.ts'
import { formatAddress, parseAddresses } from '../net/address.ts'
import { printValue } from '../options/print-value.ts'
import { serverOptions } from './options.ts'

const DEFAULT_ADDRESS = '127.0.0.1:8199'

/** What the options of a server say of its entry points. */
export interface EntryPointsOptions extends EntryPointDefaults {
  readonly address?: string
  readonly port?: number
  readonly entryPoints?: ParsedEntryPoints
}

/** The options of entry points, with what the server says of all, and the addresses of the entry point `default`. */
export class EntryPointSettings {
  readonly #options: EntryPointsOptions
  #address: string
  #port: number | undefined

  constructor(options: EntryPointsOptions) {
    const { address = DEFAULT_ADDRESS, port } = options
    this.#options = options
    this.#address = address
    this.#port = port
  }

  /** Returns the options of `default`. */
  completeDefault(): ReadEntryPointOptions {
    const parsed = { address: this.addresses, enableStats: false, inherits: true, labels: {} }
    return this.complete(DEFAULT_ENTRY_POINT, parsed)
  }

  complete(name: string, parsed: ParsedEntryPoint): ReadEntryPointOptions {
    return completeEntryPoint(name, parsed, this.#options)
  }

  /** Returns what a call is passed. @throws ConfigError naming the call and the option */
  read(call: string, name: string, given: EntryPointOptions | string): ReadEntryPointOptions {
    return nameErrors(call, () => this.complete(name, parseEntryPoint(name, given)))
  }

  /** The addresses of `default`: a list in which each has its port. */
  get addresses(): string {
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

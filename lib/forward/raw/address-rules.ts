import { BlockList, isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { ConfigError } from '../../index.ts'
import { printValue } from '../../kit.ts'
import { formsOf, isGuarded, parseIp } from './ip-address.ts'
import { isName } from './target-host.ts'

/** Names, `*.` and a name, addresses, CIDR ranges, each alone or with `:port`, or `:port` alone. */
export type AddressRuleList = string | readonly string[]

interface Rule {
  /** `undefined` for every port. */
  readonly port: number | undefined
  /** Whether a name is meant; `undefined` where addresses are. */
  readonly meansName?: (name: string) => boolean
  /** The addresses that are meant; `undefined` where names are. */
  readonly meansAddress?: (address: string) => boolean
  /** Whether all that it has are addresses that are guarded. */
  readonly isOfGuarded?: boolean
}

/** A list of targets, by name and by address. */
export class AddressRules {
  readonly #rules: readonly Rule[]

  /** @throws ConfigError naming the rule that can't be read */
  constructor(list: AddressRuleList, place: string) {
    this.#rules = [list]
      .flat()
      .flatMap((text) => text.split(','))
      .map((text) => parseRule(text.trim(), place))
  }

  /** Whether addresses can be in it that names aren't. */
  get hasAddresses(): boolean {
    return this.#rules.some(({ meansAddress }) => meansAddress !== undefined)
  }

  /** @param name in lower case, without a dot at its end */
  hasName(name: string, port: number): boolean {
    return this.#some(port, ({ meansName, meansAddress }) => meansName?.(name) ?? meansAddress === undefined)
  }

  /** @param address in its one form */
  hasAddress(address: string, port: number): boolean {
    const forms = formsOf(address)
    return this.#some(port, ({ meansName, meansAddress }) => {
      if (meansAddress !== undefined) return forms.some((form) => meansAddress(form))
      return meansName === undefined
    })
  }

  /** Whether an address that is guarded is in it by a rule about such addresses, and not by one that is wider. */
  namesGuarded(address: string, port: number): boolean {
    const forms = formsOf(address)
    return this.#some(port, ({ meansAddress, isOfGuarded }) => {
      return isOfGuarded === true && forms.some((form) => meansAddress?.(form) === true)
    })
  }

  #some(port: number, test: (rule: Rule) => boolean): boolean {
    return this.#rules.some((rule) => (rule.port === undefined || rule.port === port) && test(rule))
  }
}

/** @throws ConfigError naming the rule */
function parseRule(text: string, place: string): Rule {
  const { host, port } = splitPort(text)
  const subject = host === '' && port !== undefined ? {} : (parseRange(host) ?? parseName(host))
  if (subject !== undefined && (port ?? 0) <= 65_535) return { port, ...subject }
  throw new ConfigError(
    `option "${place}" must list names, "*." before a name, addresses or ranges such as 10.0.0.0/8, each with ":port" or without, or ":port" alone, got ${printValue(text)}`,
    { failure: 'ERR_TRIBIND_OPTION_VALUE' },
  )
}

/** An IPv6 address needs brackets only where a port follows. */
function splitPort(text: string): { readonly host: string; readonly port: number | undefined } {
  const isBareIpv6 = text.split(':').length > 2 && !text.startsWith('[')
  const [, bracketed, length = '', plain, digits] =
    (!isBareIpv6 && /^(?:\[([^\]]*:[^\]]*)\](\/\d+)?|([^[\]:]*))(?::(\d{1,5}))?$/.exec(text)) || []
  const host = bracketed === undefined ? plain : bracketed + length
  return { host: host ?? text, port: digits === undefined ? undefined : Number(digits) }
}

function parseRange(text: string): Omit<Rule, 'port'> | undefined {
  const [, host = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const given = parseIp(host)
  if (given === undefined) return undefined
  const givenBits = isIP(given) === 6 ? 128 : 32
  const givenLength = Number(prefix ?? givenBits)
  if (givenLength > givenBits) return undefined
  // A range of IPv4-mapped addresses is one of IPv4 addresses.
  const [, embedded] = givenLength >= 96 ? formsOf(given) : []
  const [address, length] = embedded === undefined ? [given, givenLength] : [embedded, givenLength - 96]
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  const list = new BlockList()
  list.addSubnet(address, length, family)
  // To a BlockList, each IPv4 address is an IPv6 address, too.
  const meansAddress = (other: string) => isIP(other) === isIP(address) && list.check(other, family)
  return { meansAddress, isOfGuarded: isGuarded(address) && length >= (family === 'ipv6' ? 10 : 16) }
}

function parseName(text: string): Omit<Rule, 'port'> | undefined {
  if (text === '*') return {}
  const [, wildcard, given = ''] = /^(\*\.)?([^*\s/\\?#@:%[\]]+?)\.?$/.exec(text) ?? []
  const name = domainToASCII(given)
  if (!isName(name)) return undefined
  return { meansName: wildcard === undefined ? (other) => other === name : (other) => other.endsWith(`.${name}`) }
}

import { fixedUsers } from '../../index.ts'
import { defineOptions, flag, isObject, option, type OptionTable } from '../../kit.ts'
import { Egress } from '../egress/egress.ts'
import { type Interface, readInterface } from '../egress/interface-option.ts'
import { isChain, type ProxyChain } from './proxy-chain.ts'
import { type AddressRuleList, AddressRules } from './address-rules.ts'

/** Says whether a password is that of a user; nothing but `true` lets a client in. */
export type VerifyProxyUser = (user: string, password: string) => boolean | Promise<boolean>

/** Who may use a proxy: passwords by user, or a function. */
export type ProxyAuth = Readonly<Record<string, string>> | VerifyProxyUser

/** The options of `httpProxy`, `socks5Proxy` and `autoProxy`. */
export interface ProxyOptions {
  /** Through what connections to targets are made: a chain, or the name of one of the server. Default: directly. */
  chain?: string | ProxyChain
  /** From where connections to targets leave. Default: from any address of this machine. */
  interface?: Interface
  /** Who may use it: passwords by user, or a function of both. Default: every client. */
  auth?: ProxyAuth
  /**
   * The targets that it connects to, and no others: names, names with `*.` before them, addresses and CIDR ranges, each with `:port`
   * or without, or `:port` alone. Default: all.
   */
  allow?: AddressRuleList
  /** The targets that it doesn't connect to, as in `allow`, before which it goes. Default: none. */
  deny?: AddressRuleList
  /** Whether it may be used from other machines without `auth` and without `allow`. Default false. */
  open?: boolean
}

/** The options as they were read. */
export interface ReadProxyOptions {
  readonly chain: string | ProxyChain | undefined
  readonly egress: Egress
  readonly verify: VerifyProxyUser | undefined
  readonly allow: AddressRules | undefined
  readonly deny: AddressRules | undefined
  readonly open: boolean
}

const ruleWords = 'a text, or an array of texts'

/** Creates the table of these options. @param owner the function that takes them */
function createTable(owner: string): OptionTable<ProxyOptions, ProxyOptions & { readonly open: boolean }> {
  return defineOptions(
    {
      chain: option(isChain, 'a chain, or the name of one'),
      interface: option(() => true, 'an interface'),
      auth: option(isAuth, 'an object of passwords by user, or a function of user and password', { secret: true }),
      allow: option(isRuleList, ruleWords),
      deny: option(isRuleList, ruleWords),
      open: flag({ default: false }),
    },
    { owner, check: findProblem },
  )
}

/** Reads the options of a proxy. @throws ConfigError naming the function that takes them, and the option */
export function readProxyOptions(owner: string, given: ProxyOptions): ReadProxyOptions {
  const { chain, interface: from, auth, allow, deny, open } = createTable(owner).parse(given)
  const rules = (list: AddressRuleList | undefined, name: string) =>
    list === undefined ? undefined : new AddressRules(list, `${owner}: ${name}`)
  return {
    chain,
    egress: new Egress(from === undefined ? undefined : readInterface(from, `${owner}: interface`)),
    verify: typeof auth === 'object' ? (fixedUsers(auth) as VerifyProxyUser) : auth,
    allow: rules(allow, 'allow'),
    deny: rules(deny, 'deny'),
    open,
  }
}

function findProblem({ chain, interface: from }: ProxyOptions): string | undefined {
  if (chain === undefined || from === undefined) return undefined
  return 'option "chain" leaves no choice of an interface: set it in the chain'
}

function isAuth(value: unknown): boolean {
  if (typeof value === 'function') return true
  return isObject(value) && Object.keys(value).length > 0
}

function isRuleList(value: unknown): boolean {
  return [value].flat().every((text) => typeof text === 'string')
}

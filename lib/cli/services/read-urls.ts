import type { ConfigIssue } from '../../index.ts'
import { suggestName } from '../../kit.ts'
import { handlerTypes } from './fields.ts'
import { hopParameters, nodeParameters, serviceParameters, type UrlParameter } from './url-parameters.ts'
import { issueAt, nameFreely, namesOf, type Written, type WrittenPart } from './written-part.ts'

/** What URLs say, and the name of the chain that `-F` makes, if there is one. */
export interface WrittenUrls extends Written {
  readonly chain: string | undefined
}

/**
 * Reads the URLs of `-L`, each a service, and those of `-F`, the hops of one chain.
 *
 * @param files the parts of files, whose names are taken
 */
export function readUrls(
  listen: readonly string[],
  forward: readonly string[],
  files: readonly WrittenPart[],
): WrittenUrls {
  const issues: ConfigIssue[] = []
  const observers = new Set(namesOf('observers', files))
  const services = listen.flatMap((url) => readService(url, observers, issues))
  const hops = forward.flatMap((url, i) => readHop(url, i, issues))
  const isWhole = hops.length > 0 && hops.length === forward.length
  const chain = isWhole ? nameFreely('chain', new Set(namesOf('chains', files))) : undefined
  return { parts: chain === undefined ? services : [...services, joinHops(chain, hops)], issues, chain }
}

/** Returns a URL without passwords. */
export function hidePasswords(url: string): string {
  return url.replaceAll(/(^|\/\/)([^/?#:@]*):[^/?#]*@/g, '$1$2:***@')
}

/** What is written before the parameters of a URL, and they. */
interface SplitUrl {
  readonly origin: string
  readonly scheme: string | undefined
  readonly userInfo: string | undefined
  /** Hosts and ports, or `unix:/path`. */
  readonly authority: string
  readonly path: string
  readonly query: string
}

type Tree = Record<string, unknown>

const grammar = /^(?:([a-z][\w+.-]*):\/\/)?(?:([^/?#]*)@)?([^/?#@]*)([^?#]*)(?:\?([^#]*))?(#.*)?$/is

/** What a scheme of `-F` is: how the node is asked to connect further, and how it is connected to. */
const connectors = ['http', 'socks5', 'socks4', 'tcp', 'virtual']

/** Words of GOST's schemes that are no others' misspelling. */
const wordsOfGost = new Set(
  `socks4a socks ss ssu relay sni udp rtcp rudp red redu tun tap dns sshd ssh http2 http3 h2 h2c h3 quic kcp ws wss mws mwss mtls
   mtcp grpc pht phts ohttp otls icmp ftcp file serial unix wt dtls tunnel router masque rtsp`.split(/\s+/),
)

function readService(url: string, observers: Set<string>, issues: ConfigIssue[]): WrittenPart[] {
  const split = splitUrl('-L', url, issues)
  if (split === undefined) return []
  const { origin, authority, path, userInfo } = split
  const before = issues.length
  const fail = (message: string) => void issues.push(issueAt({ source: origin, path: '' }, message))
  const { word: type, isTls } = readScheme(split, 'auto', handlerTypes, fail)
  const isUnix = authority.toLowerCase() === 'unix:'
  const given: Tree = {
    addr: isUnix ? authority + path : authority,
    handler: { type },
    listener: { type: isTls ? 'tls' : 'tcp' },
  }
  if (authority === '') fail(`must have an address to listen at, such as ${type}://:8080`)
  const rest = isUnix ? '' : path
  if (type === 'tcp' || type === 'forward') {
    const nodes = rest
      .replace(/^\/+/, '')
      .split(',')
      .filter((addr) => addr !== '')
    if (nodes.length === 0) fail(`must say where to: ${type}://:8080/10.0.0.7:80,10.0.0.8:80`)
    given['forwarder'] = { nodes: nodes.map((addr) => ({ addr })) }
  } else if (rest !== '' && rest !== '/') fail(`has the path "${rest}", but only tcp and forward have one`)
  setCredentials(given, ['handler', 'auth'], userInfo, fail)
  readParameters(split, [[serviceParameters, [given]]], issues)
  return issues.length > before
    ? []
    : nameObserver(given, toPart('services', given, origin, serviceParameters), observers)
}

/** Returns the service, and the observer that its parameter names by a URL. */
function nameObserver(given: Tree, service: WrittenPart, names: Set<string>): WrittenPart[] {
  const { observer } = given
  if (typeof observer !== 'string' || !/^https?:\/\//i.test(observer)) return [service]
  const name = nameFreely('observer', names)
  given['observer'] = name
  const { source } = service.placeOf('')
  const plugin = { name, plugin: { addr: observer } }
  return [service, { ...service, kind: 'observers', given: plugin, placeOf: () => ({ source, path: 'observer' }) }]
}

function readHop(url: string, index: number, issues: ConfigIssue[]): WrittenPart[] {
  const split = splitUrl('-F', url, issues)
  if (split === undefined) return []
  const { origin, authority, path, userInfo } = split
  const before = issues.length
  const fail = (message: string) => void issues.push(issueAt({ source: origin, path: '' }, message))
  const { word: type, isTls } = readScheme(split, 'http', connectors, fail)
  if (path !== '' && path !== '/') fail(`has the path "${path}", but a hop has none`)
  if (authority === '' && type !== 'virtual') fail(`must have an address, such as ${type}://10.0.0.9:8000`)
  const nodes = authority.split(',').map((addr): Tree => {
    const dialer = { type: type === 'virtual' ? 'virtual' : isTls ? 'tls' : 'tcp' }
    return { ...(addr !== '' && { addr }), connector: { type }, dialer }
  })
  for (const node of nodes) setCredentials(node, ['connector', 'auth'], userInfo, fail)
  const hop: Tree = { name: `hop-${index}`, nodes }
  readParameters(
    split,
    [
      [hopParameters, [hop]],
      [nodeParameters, nodes],
    ],
    issues,
  )
  return issues.length > before ? [] : [toPart('hops', hop, origin, [...hopParameters, ...nodeParameters])]
}

/** Makes the chain of all `-F`. */
function joinHops(name: string, hops: readonly WrittenPart[]): WrittenPart {
  const placeOf = (path: string) => {
    const [, index = 0, rest = ''] = /^hops\.(\d+)\.?(.*)$/s.exec(path) ?? []
    return (hops[Number(index)] as WrittenPart).placeOf(rest)
  }
  return { kind: 'chains', given: { name, hops: hops.map(({ given }) => given) }, folder: process.cwd(), placeOf }
}

function splitUrl(flag: string, url: string, issues: ConfigIssue[]): SplitUrl | undefined {
  const origin = `${flag} ${hidePasswords(url)}`
  const [, scheme, userInfo, authority = '', path = '', query = '', fragment] = grammar.exec(url) ?? []
  if (grammar.test(url) && fragment === undefined)
    return { origin, scheme: scheme?.toLowerCase(), userInfo, authority, path, query }
  const problem = fragment === undefined ? 'must be a URL such as http://:8080' : `has "#", which has no meaning here`
  issues.push(issueAt({ source: origin, path: '' }, problem))
  return undefined
}

/** Reads a scheme such as `http+tls`; `https` is that too. */
function readScheme(
  { scheme = '' }: SplitUrl,
  otherwise: string,
  known: readonly string[],
  fail: (message: string) => void,
): { readonly word: string; readonly isTls: boolean } {
  const [given = '', ...added] = scheme.split('+')
  const word = given === '' ? otherwise : given === 'https' ? 'http' : given
  const all = ['https', ...known]
  if (!known.includes(word))
    fail(`has the scheme "${given}", which ${describeUnknown(given, all)} Known are ${all.join(', ')}`)
  for (const one of added)
    if (one !== 'tls')
      fail(`has "+${one}", which ${describeUnknown(one, ['tls'])} Known is +tls alone, as in ${word}+tls://`)
  if (word === 'virtual' && added.length > 0) fail('has "+tls", but a virtual hop connects to no proxy')
  return { word, isTls: given === 'https' || added.length > 0 }
}

function describeUnknown(word: string, known: readonly string[]): string {
  return wordsOfGost.has(word) ? 'GOST has and tribind does not.' : `is not known${suggestName(word, known) || '.'}`
}

function setCredentials(
  part: Tree,
  path: readonly string[],
  userInfo: string | undefined,
  fail: (message: string) => void,
): void {
  if (userInfo === undefined) return
  const [, username = '', password = ''] = /^([^:]*):?(.*)$/s.exec(userInfo) ?? []
  try {
    setAt(part, path, { username: decodeURIComponent(username), password: decodeURIComponent(password) })
  } catch {
    fail('has a "%" before its "@" that begins no escape such as %40: write a plain % as %25')
  }
}

/** Sets what the parameters of a URL say in the parts that have them. */
function readParameters(
  { origin, query }: SplitUrl,
  tables: readonly (readonly [parameters: readonly UrlParameter[], parts: readonly Tree[]])[],
  issues: ConfigIssue[],
): void {
  const given = new URLSearchParams(query)
  const all = tables.flatMap(([parameters]) => parameters)
  for (const name of new Set(given.keys())) {
    const fail = (message: string) => void issues.push(issueAt({ source: origin, path: name }, message))
    const values = given.getAll(name)
    const parameter = all.find((one) => one.name === name)
    if (parameter === undefined) fail(`is not a known parameter${adviseParameter(name, all)}`)
    else if (values.length > 1 && !parameter.isList) fail('stands there twice')
    else
      for (const [parameters, parts] of tables)
        if (parameters.includes(parameter))
          for (const part of parts) setAt(part, parameter.path, values.length > 1 ? values : values[0])
  }
}

function adviseParameter(name: string, all: readonly UrlParameter[]): string {
  const names = all.map((one) => one.name)
  return suggestName(name, names) || `; known are ${names.join(', ')}`
}

function setAt(part: Tree, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path
  if (rest.length === 0) part[name] = value
  else setAt((part[name] ??= {}) as Tree, rest, value)
}

function toPart(
  kind: WrittenPart['kind'],
  given: Tree,
  source: string,
  parameters: readonly UrlParameter[],
): WrittenPart {
  return {
    kind,
    given,
    folder: process.cwd(),
    placeOf(path) {
      const ofNode = path.replace(/^nodes\.\d+\./, '')
      const parameter = parameters.find((one) => [path, ofNode].includes(one.path.join('.')))
      return { source, path: parameter?.name ?? path }
    },
  }
}

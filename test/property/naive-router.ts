/**
 * What section 2 of the contract says, written down in the plainest way: every route is tried, those that match are
 * sorted by the eight rules. It shares no code with the library, and is slow.
 */

export type NaiveSegment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'param'; readonly name: string }
  | { readonly kind: 'rest'; readonly name: string }
  /** texts[0] {names[0]} texts[1] … */
  | { readonly kind: 'mixed'; readonly texts: readonly string[]; readonly names: readonly string[] }

/** One pattern, with lists. */
export interface NaivePattern {
  readonly methods: readonly string[]
  readonly segments: readonly NaiveSegment[]
  /** Lower case; `''` stands for no domain. */
  readonly domains: readonly string[]
}

/** One method, one domain, one route. */
export interface NaiveRoute {
  /** The index of the pattern among those given. */
  readonly index: number
  readonly method: string
  readonly domain: string
  readonly segments: readonly NaiveSegment[]
}

export interface NaiveRequest {
  readonly method: string
  readonly host: string
  /** The decoded segments. */
  readonly path: readonly string[]
}

export const naiveMethods = 'GET PUT POST DELETE PATCH HEAD CONNECT OPTIONS TRACE QUERY'.split(' ')

/** Patterns with lists are as many routes; one that is in a list twice is one. */
export function expandPatterns(patterns: readonly NaivePattern[]): NaiveRoute[] {
  return patterns.flatMap(({ methods, segments, domains }, index) =>
    [...new Set(methods)].flatMap((method) =>
      [...new Set(domains)].map((domain) => ({ index, method, domain, segments })),
    ),
  )
}

/** The route that serves a request, among routes in order of registration. */
export function findNaively(
  routes: readonly NaiveRoute[],
  { method, host, path }: NaiveRequest,
  isStrict: boolean,
): NaiveRoute | undefined {
  const ofHost = routes.filter((route) => route.domain !== '' && isOfDomain(host, route.domain))
  const ofAnyHost = isStrict && ofHost.length > 0 ? [] : routes.filter((route) => route.domain === '')
  const matching = [...ofHost, ...ofAnyHost].filter((route) => capture(route.segments, path) !== undefined)
  const bestOf = (...methods: string[]) => sortNaively(matching.filter((route) => methods.includes(route.method)))[0]
  return bestOf(method, 'ALL') ?? (method === 'HEAD' ? bestOf('GET') : undefined)
}

/** The methods under which a path has a route. */
export function allowNaively(
  routes: readonly NaiveRoute[],
  request: Omit<NaiveRequest, 'method'>,
  isStrict: boolean,
): string[] {
  return naiveMethods.filter((method) => findNaively(routes, { ...request, method }, isStrict) !== undefined)
}

export function isOfDomain(host: string, domain: string): boolean {
  if (!domain.startsWith('*.')) return host === domain
  const labels = host.split('.')
  const below = domain.slice(2).split('.')
  return labels.length > below.length && labels.slice(-below.length).join('.') === below.join('.')
}

/** The values of the named parameters, by name; `undefined` where the route doesn't match. */
export function capture(
  [first, ...others]: readonly NaiveSegment[],
  path: readonly string[],
): Map<string, string> | undefined {
  if (first === undefined) return path.length === 0 ? new Map() : undefined
  const shortest = first.kind === 'rest' ? 0 : 1
  for (let taken = first.kind === 'rest' ? path.length : 1; taken >= shortest; taken--) {
    if (taken > path.length) return undefined
    const own = captureSegment(first, path.slice(0, taken))
    const rest = own && capture(others, path.slice(taken))
    if (rest) return new Map([...own, ...rest])
  }
  return undefined
}

function captureSegment(segment: NaiveSegment, path: readonly string[]): [string, string][] | undefined {
  if (segment.kind === 'text') return path[0] === segment.text ? [] : undefined
  if (segment.kind !== 'mixed') return segment.name === '' ? [] : [[segment.name, path.join('/')]]
  const found = greedyPattern(segment.texts).exec(path[0] ?? '')
  return found ? segment.names.map((name, i) => [name, found[i + 1] ?? '']) : undefined
}

/** `^t0([^/]+)t1([^/]+)…$`: what a regular expression takes as much of as it can, from the left. */
export function greedyPattern(texts: readonly string[]): RegExp {
  return new RegExp(`^${texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('([^/]+)')}$`, 'u')
}

/** Two routes of one key are bound twice: method, domain and route are the same, but for the names of parameters. */
export function keyOf({ method, domain, segments }: NaiveRoute): string {
  return `${method} ${domain} ${shapeOf(segments)}`
}

/** The patterns that can be bound one after another, without those that would bind something twice. */
export function withoutDuplicates<P extends NaivePattern>(patterns: readonly P[]): P[] {
  const taken = new Set<string>()
  return patterns.filter((pattern) => {
    const keys = expandPatterns([pattern]).map(keyOf)
    if (keys.some((key) => taken.has(key))) return false
    for (const key of keys) taken.add(key)
    return true
  })
}

/** Two routes of one shape are one route but for the names of its parameters. */
export function shapeOf(segments: readonly NaiveSegment[]): string {
  return JSON.stringify(
    segments.map((segment) => {
      if (segment.kind === 'text') return ['text', segment.text]
      return segment.kind === 'mixed' ? ['mixed', ...segment.texts] : [segment.kind]
    }),
  )
}

export function sortNaively(routes: readonly NaiveRoute[]): NaiveRoute[] {
  // The sort of an array is stable, which is rule 8.
  return routes.toSorted(compareNaively)
}

/** The first seven rules; for two routes that match one request. */
export function compareNaively(a: NaiveRoute, b: NaiveRoute): number {
  for (const rule of rules) {
    const [ofA, ofB] = [rule(a), rule(b)]
    if (ofA !== ofB) return ofA > ofB ? -1 : 1
  }
  return 0
}

/** What each rule looks at; the larger goes first. */
const rules: readonly ((route: NaiveRoute) => number)[] = [
  ({ domain }) => (domain === '' ? 0 : domain.startsWith('*.') ? domain.length : 1000),
  ({ segments }) => (segments.every(({ kind }) => kind === 'text') ? 1 : 0),
  ({ segments }) => segments.length,
  ({ segments }) => [...segments.map(plainText).join('')].length,
  ({ segments }) => -(count(segments, 'param') + count(segments, 'rest') + countFields(segments)),
  ({ segments }) => countFields(segments),
  ({ segments }) => count(segments, 'param'),
  ({ method }) => (method === 'ALL' ? 0 : 1),
]

function plainText(segment: NaiveSegment): string {
  if (segment.kind === 'text') return segment.text
  return segment.kind === 'mixed' ? segment.texts.join('') : ''
}

function count(segments: readonly NaiveSegment[], kind: NaiveSegment['kind']): number {
  return segments.filter((segment) => segment.kind === kind).length
}

function countFields(segments: readonly NaiveSegment[]): number {
  return segments.reduce((sum, segment) => sum + (segment.kind === 'mixed' ? segment.names.length : 0), 0)
}

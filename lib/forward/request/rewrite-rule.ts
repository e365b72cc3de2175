import {
  alignRests,
  compareBound,
  findRawSegments,
  matchMixed,
  type MixedSegment,
  parseRoute,
  type RawSegment,
  type Route,
  type Segment,
} from '../../kit.ts'

/** What a pattern has captured of a path, as it was written there; that of a `*` at the end with the slash before it. */
type Captures = ReadonlyMap<string, string>

/** A pattern, and the path that those it matches become. */
export interface RewriteRule {
  readonly route: Route
  readonly target: Route
}

/**
 * Reads the rules of an option, the most specific pattern first.
 *
 * @throws Error saying what is wrong with one
 */
export function readRewriteRules(given: Readonly<Record<string, string>>): RewriteRule[] {
  const rules = Object.entries(given).map(([pattern, path]) => {
    try {
      return readRule(pattern, path)
    } catch (error) {
      throw new Error(`pattern "${pattern}" ${(error as Error).message}`, { cause: error })
    }
  })
  const bound = rules.map((value, order) => ({ method: 'ALL' as const, domain: '', route: value.route, order, value }))
  return bound.sort(compareBound).map(({ value }) => value)
}

function readRule(pattern: string, path: unknown): RewriteRule {
  if (typeof path !== 'string' || /[?#]/.test(path)) throw new Error('must become a path without query and fragment')
  const route = parseRoute(pattern)
  const target = parseRoute(path)
  const unknown = target.names.find((name) => !route.names.includes(name))
  if (unknown !== undefined) throw new Error(`has no parameter "${unknown}", which "${path}" names`)
  if (target.parameters > target.names.length) throw new Error(`must become a path whose parameters have names`)
  return { route, target }
}

/** Returns what a path becomes by the first rule that matches it, and the path itself where none does. */
export function rewritePath(rules: readonly RewriteRule[], path: string, decoded: readonly string[]): string {
  for (const { route, target } of rules) {
    const captures = capture(route, path, decoded)
    if (captures !== undefined) return fill(target, captures)
  }
  return path
}

function capture({ segments }: Route, path: string, decoded: readonly string[]): Captures | undefined {
  const lengths = alignRests(segments, decoded)
  if (lengths === undefined) return undefined
  const raw = findRawSegments(path)
  const captures = new Map<string, string>()
  let at = 0
  let rests = 0
  for (const [i, segment] of segments.entries()) {
    const length = segment.kind === 'rest' ? (lengths[rests++] as number) : 1
    const here = raw.slice(at, at + length)
    if (segment.kind === 'rest') {
      const isLast = i === segments.length - 1
      captures.set(segment.name, isLast ? path.slice(raw[at - 1]?.end ?? 0) : sliceOf(path, here))
    } else if (segment.kind === 'param') captures.set(segment.name, sliceOf(path, here))
    else if (segment.kind === 'mixed') captureMixed(segment, sliceOf(path, here), decoded[at] as string, captures)
    at += length
  }
  return captures
}

function sliceOf(path: string, segments: readonly RawSegment[]): string {
  return path.slice(segments[0]?.start, segments.at(-1)?.end ?? 0)
}

/** Fields are found in the decoded segment. Written otherwise, they can be cut out of it only where the text around them is plain. */
function captureMixed(segment: MixedSegment, raw: string, decoded: string, captures: Map<string, string>): void {
  const values = matchMixed(segment, decoded) as string[]
  const rawValues = matchMixed(segment, raw)
  for (const [i, name] of segment.names.entries()) {
    const [value, rawValue] = [values[i] as string, rawValues?.[i]]
    captures.set(name, rawValue !== undefined && decodes(rawValue, value) ? rawValue : encodeURIComponent(value))
  }
}

function decodes(raw: string, value: string): boolean {
  try {
    return decodeURIComponent(raw) === value
  } catch {
    return false
  }
}

function fill({ segments }: Route, captures: Captures): string {
  let path = ''
  for (const [i, segment] of segments.entries()) {
    const text = fillSegment(segment, captures)
    if (segment.kind === 'rest' && i === segments.length - 1)
      path += text === '' || text.startsWith('/') ? text : `/${text}`
    else if (segment.kind !== 'rest') path += `/${text}`
    else if (trimSlashes(text) !== '') path += `/${trimSlashes(text)}`
  }
  return path === '' ? '/' : path
}

function fillSegment(segment: Segment, captures: Captures): string {
  const valueOf = (name: string) => captures.get(name) as string
  switch (segment.kind) {
    case 'text':
      return encodeText(segment.text)
    case 'param':
      return trimSlashes(valueOf(segment.name))
    case 'rest':
      return valueOf(segment.name)
    case 'mixed':
      return segment.texts
        .map((text, i) => (i === 0 ? '' : trimSlashes(valueOf(segment.names[i - 1] as string))) + encodeText(text))
        .join('')
  }
}

function trimSlashes(text: string): string {
  return text.replace(/^\/+|\/+$/g, '')
}

/** Encodes what can't stand in a path. */
function encodeText(text: string): string {
  return text.replace(/[^\x21-\x7e]+|["#%<>?\\^`{|}]/gu, encodeURIComponent)
}

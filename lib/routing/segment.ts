import { RouteError } from '../base/errors.ts'

/** One segment of a route. A parameter without a name is named `''`. */
export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'param'; readonly name: string }
  | MixedSegment
  | { readonly kind: 'rest'; readonly name: string }

/** Text around one or more fields: `texts[0] {names[0]} texts[1] … {names[n-1]} texts[n]`; the outer texts may be empty. */
export interface MixedSegment {
  readonly kind: 'mixed'
  readonly texts: readonly string[]
  readonly names: readonly string[]
}

// \p{M}: the vowel signs of many scripts are marks, not letters.
const namePattern = /^[\p{L}\p{M}\p{Nd}_.-]+$/u

/**
 * Parses one segment of a route.
 *
 * @throws RouteError naming the segment, for a bad name, an unclosed `{`, fields without text between them, and text that
 * the path of no request has (`.`, `..`, NUL, a backslash)
 */
export function parseSegment(text: string): Segment {
  if (text.startsWith(':')) return { kind: 'param', name: parseName(text.slice(1), text) }
  if (text.startsWith('*')) return { kind: 'rest', name: parseName(text.slice(1), text) }
  if (text === '.' || text === '..' || /[\0\\]/.test(text)) {
    throw new RouteError(
      `segment ${JSON.stringify(text)} never matches: paths with ".", "..", NUL or a backslash are answered 400`,
      { failure: 'ERR_TRIBIND_ROUTE_SEGMENT_UNREACHABLE' },
    )
  }
  return text.includes('{') ? parseMixed(text) : { kind: 'text', text }
}

/** The opposite of `parseSegment`. */
export function formatSegment(segment: Segment): string {
  switch (segment.kind) {
    case 'text':
      return segment.text
    case 'param':
      return `:${segment.name}`
    case 'rest':
      return `*${segment.name}`
    case 'mixed':
      return segment.texts.map((text, i) => (i === 0 ? text : `{${segment.names[i - 1]}}${text}`)).join('')
  }
}

/**
 * Returns the values of the fields: each has at least one character and no `/`, the first is as long as possible, then the
 * second, and so on.
 *
 * Every text between two fields is matched as far right as possible, beginning with the last. So every field from the left
 * is as long as possible, and no place is tried twice, whatever a client sends.
 */
export function matchMixed({ texts, names }: MixedSegment, value: string): string[] | undefined {
  const first = texts[0] as string
  const last = texts[names.length] as string
  let end = value.length - last.length
  if (end <= first.length || !value.startsWith(first) || !value.endsWith(last)) return undefined
  const values: string[] = []
  for (let i = names.length - 1; i > 0; i--) {
    const text = texts[i] as string
    const at = value.lastIndexOf(text, end - text.length - 1)
    if (at <= first.length) return undefined
    values[i] = value.slice(at + text.length, end)
    end = at
  }
  values[0] = value.slice(first.length, end)
  return values.some((field) => field.includes('/')) ? undefined : values
}

function parseMixed(segment: string): MixedSegment {
  const texts: string[] = []
  const names: string[] = []
  let rest = segment
  for (let open = rest.indexOf('{'); open >= 0; open = rest.indexOf('{')) {
    const close = rest.indexOf('}', open)
    if (close < 0)
      throw new RouteError(`segment "${segment}" must close its "{" with a "}"`, {
        failure: 'ERR_TRIBIND_ROUTE_FIELD_UNCLOSED',
      })
    if (open === 0 && names.length > 0)
      throw new RouteError(`segment "${segment}" must have text between its fields, such as "{a}-{b}"`, {
        failure: 'ERR_TRIBIND_ROUTE_FIELDS_ADJACENT',
      })
    texts.push(rest.slice(0, open))
    names.push(parseName(rest.slice(open + 1, close), segment) || refuseNamelessField(segment))
    rest = rest.slice(close + 1)
  }
  texts.push(rest)
  return { kind: 'mixed', texts, names }
}

function parseName(name: string, segment: string): string {
  if (name !== '' && !namePattern.test(name)) {
    throw new RouteError(
      `the name of a parameter may have letters, digits, "_", "-" and ".", got "${name}" in segment "${segment}"`,
      { failure: 'ERR_TRIBIND_ROUTE_PARAM_NAME' },
    )
  }
  return name
}

function refuseNamelessField(segment: string): never {
  throw new RouteError(`segment "${segment}" must name its fields, such as "{id}"`, {
    failure: 'ERR_TRIBIND_ROUTE_FIELD_UNNAMED',
  })
}

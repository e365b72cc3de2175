import { RouteError } from '../base/errors.ts'

/** One segment of a route. A parameter without a name has the name `''`. */
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
 * Reads one segment of a route.
 *
 * @throws RouteError naming the segment, for a bad name, an unclosed `{`, fields without text between them, and for
 * text that no request's path can have (`.`, `..`, NUL, a backslash)
 */
export function parseSegment(text: string): Segment {
  if (text.startsWith(':')) return { kind: 'param', name: parseName(text.slice(1), text) }
  if (text.startsWith('*')) return { kind: 'rest', name: parseName(text.slice(1), text) }
  if (text === '.' || text === '..' || /[\0\\]/.test(text)) {
    throw new RouteError(`segment ${JSON.stringify(text)} is in no request's path: such paths are answered 400`)
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
 * The values of the fields, each at least one character and none a `/`, the first as long as it can be, then the second …
 *
 * Every text between two fields is put as far right as it goes, beginning with the last: that makes every field from the
 * left as long as it can be, and never tries a place twice, whatever a client sends.
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
    if (close < 0) throw new RouteError(`segment "${segment}" has a "{" that is never closed`)
    if (open === 0 && names.length > 0)
      throw new RouteError(`segment "${segment}" has two fields with no text between them`)
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
      `segment "${segment}" has the bad name "${name}": letters, digits, "_", "-" and "." make a name`,
    )
  }
  return name
}

function refuseNamelessField(segment: string): never {
  throw new RouteError(`segment "${segment}" has a field without a name`)
}

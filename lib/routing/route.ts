import { RouteError } from '../base/errors.ts'
import { formatSegment, parseSegment, type Segment } from './segment.ts'
import { createWireForm, type WireForm } from './wire-form.ts'

/** A parsed route with the counts that its place in the order of routes is decided by. */
export interface Route {
  /** As registered, without empty segments and without slashes at the end: `/user/:id`. */
  readonly text: string
  /** `text` without the names of its parameters: two routes of one shape match the same paths. */
  readonly shape: string
  readonly segments: readonly Segment[]
  /** The names of its parameters in order, those without a name left out. */
  readonly names: readonly string[]
  /** How many characters of plain text it has, slashes not counted. */
  readonly plainCharacters: number
  /** How many parameters of any kind it has. */
  readonly parameters: number
  /** How many of them are `{field}`. */
  readonly fields: number
  /** How many of them are `:name`. */
  readonly wholeSegments: number
  /** Whether a `*` stands before other segments. */
  readonly hasInnerRest: boolean
  /** `undefined` where it is matched with decoded segments only. */
  readonly wire: WireForm | undefined
}

/**
 * Reads the route of a pattern.
 *
 * @throws RouteError where it doesn't begin with `/`, has a bad segment or one name twice
 */
export function parseRoute(text: string): Route {
  if (!text.startsWith('/')) throw new RouteError(`the route "${text}" doesn't begin with "/"`)
  // Blanks around a route are ignored, also those that stand before the slashes at its end.
  const segments = text
    .replace(/[\s/]+$/, '')
    .split('/')
    .filter(Boolean)
    .map(parseSegment)
  const names = segments.flatMap(namesOf)
  const named = names.filter(Boolean)
  const twice = named.find((name, i) => named.indexOf(name) !== i)
  if (twice !== undefined)
    throw new RouteError(`the parameter "${twice}" is in the route twice, a name may be there once`)
  return {
    text: formatRoute(segments),
    shape: formatRoute(segments.map(withoutNames)),
    segments,
    names: named,
    plainCharacters: segments.reduce((sum, segment) => sum + countPlain(segment), 0),
    parameters: names.length,
    fields: segments.reduce((sum, segment) => sum + (segment.kind === 'mixed' ? segment.names.length : 0), 0),
    wholeSegments: segments.filter((segment) => segment.kind === 'param').length,
    hasInnerRest: segments.slice(0, -1).some((segment) => segment.kind === 'rest'),
    wire: createWireForm(segments),
  }
}

/** The opposite of `parseRoute`. */
export function formatRoute(segments: readonly Segment[]): string {
  return '/' + segments.map(formatSegment).join('/')
}

function namesOf(segment: Segment): readonly string[] {
  if (segment.kind === 'text') return []
  return segment.kind === 'mixed' ? segment.names : [segment.name]
}

function withoutNames(segment: Segment): Segment {
  if (segment.kind === 'text') return segment
  return segment.kind === 'mixed' ? { ...segment, names: segment.names.map(() => '') } : { ...segment, name: '' }
}

function countPlain(segment: Segment): number {
  if (segment.kind === 'text') return [...segment.text].length
  return segment.kind === 'mixed' ? [...segment.texts.join('')].length : 0
}

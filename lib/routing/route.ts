import { RouteError } from '../base/errors.ts'
import { formatSegment, parseSegment, type Segment } from './segment.ts'
import { createWireForm, type WireForm } from './wire-form.ts'

/** A parsed route with the counts that decide its place in the order of routes. */
export class Route {
  /** As registered, without empty segments and without slashes at the end: `/user/:id`. */
  readonly text: string
  /** `text` without the names of its parameters. Two routes of one shape match the same paths. */
  readonly shape: string
  /** The number of its segments. */
  readonly length: number
  /** The names of its parameters in order, without those that have no name. */
  readonly names: readonly string[]
  /** The number of characters of plain text, slashes not counted. */
  readonly plainCharacters: number
  /** The number of parameters of any kind. */
  readonly parameters: number
  /** The number of `{field}` parameters. */
  readonly fields: number
  /** The number of `:name` parameters. */
  readonly wholeSegments: number
  /** Whether other segments follow a `*`. */
  readonly hasInnerRest: boolean
  /** `undefined` if it has no parameters, and if it is matched with decoded segments only. */
  readonly wire: WireForm | undefined
  #segments: readonly Segment[] | undefined = undefined

  constructor(segments: readonly Segment[], names: readonly string[], parameters: number) {
    this.text = formatRoute(segments)
    this.shape = parameters === 0 ? this.text : formatRoute(segments.map(withoutNames))
    this.length = segments.length
    this.names = names
    this.plainCharacters = segments.reduce((sum, segment) => sum + countPlain(segment), 0)
    this.parameters = parameters
    this.fields = segments.reduce((sum, segment) => sum + (segment.kind === 'mixed' ? segment.names.length : 0), 0)
    this.wholeSegments = segments.filter((segment) => segment.kind === 'param').length
    this.hasInnerRest = segments.slice(0, -1).some((segment) => segment.kind === 'rest')
    this.wire = parameters === 0 ? undefined : createWireForm(segments)
  }

  /** Parsed again when first read: of many routes, most are matched by their wire forms alone. */
  get segments(): readonly Segment[] {
    return (this.#segments ??= splitRoute(this.text).map(parseSegment))
  }
}

const noNames: readonly string[] = []

/**
 * Reads the route of a pattern.
 *
 * @throws RouteError if it doesn't begin with `/`, has a bad segment or the same name twice
 */
export function parseRoute(text: string): Route {
  if (!text.startsWith('/'))
    throw new RouteError(`the route must begin with "/", got "${text}"`, { failure: 'ERR_TRIBIND_ROUTE_START' })
  // Blanks around a route are ignored, also those before the slashes at its end.
  const segments = splitRoute(text.replace(/[\s/]+$/, '')).map(parseSegment)
  const names = segments.flatMap(namesOf)
  const named = names.filter(Boolean)
  const twice = named.find((name, i) => named.indexOf(name) !== i)
  if (twice !== undefined)
    throw new RouteError(`each parameter must have a name of its own, got "${twice}" twice`, {
      failure: 'ERR_TRIBIND_ROUTE_PARAM_DUPLICATE',
    })
  return new Route(segments, named.length === 0 ? noNames : named.slice(), names.length)
}

/** The opposite of `parseRoute`. */
export function formatRoute(segments: readonly Segment[]): string {
  return '/' + segments.map(formatSegment).join('/')
}

function splitRoute(text: string): string[] {
  return text.split('/').filter(Boolean)
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

import type { Route, Segment } from '../kit.ts'

/** A parameter of a path. */
export interface PathParameter {
  /** As the document has it. */
  readonly name: string
  /** As the route has it; `''` for one without a name. */
  readonly bound: string
  /** Whether it stands for several segments, or none. */
  readonly isRest: boolean
}

/** The path of a route as OpenAPI writes it. */
export interface PathTemplate {
  readonly path: string
  /** The path without the names of its parameters: two paths of one shape are the same to OpenAPI. */
  readonly shape: string
  readonly parameters: readonly PathParameter[]
}

/** Returns the path of a route as OpenAPI writes it: `/books/{id}` for `/books/:id`. */
export function createPathTemplate({ segments, names }: Route): PathTemplate {
  const taken = new Set(names)
  const parameters: PathParameter[] = []
  const add = (bound: string, isRest: boolean): string => {
    const name = bound === '' ? findFree(isRest ? 'path' : 'segment', taken) : bound
    parameters.push({ name, bound, isRest })
    return `{${name}}`
  }
  const texts = segments.map((segment) => writeSegment(segment, add))
  const shapes = segments.map((segment) => writeSegment(segment, () => '{}'))
  return { path: `/${texts.join('/')}`, shape: `/${shapes.join('/')}`, parameters }
}

function writeSegment(segment: Segment, add: (name: string, isRest: boolean) => string): string {
  if (segment.kind === 'text') return encode(segment.text)
  if (segment.kind !== 'mixed') return add(segment.name, segment.kind === 'rest')
  return segment.texts
    .map((text, i) => (i === 0 ? encode(text) : add(segment.names[i - 1] as string, false) + encode(text)))
    .join('')
}

function findFree(name: string, taken: Set<string>): string {
  let free = name
  for (let i = 2; taken.has(free); i++) free = name + i
  taken.add(free)
  return free
}

/** Encodes what has a meaning of its own in a URL or in the path of a document; letters of all scripts stay. */
function encode(text: string): string {
  return text.replace(/[%?#{}\s"<>\\^`|]/g, encodeURIComponent)
}

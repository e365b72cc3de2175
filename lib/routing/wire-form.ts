import { isVerbatim } from '../net/path.ts'
import type { Segment } from './segment.ts'

/** A route of plain text and `:name`, in the form that is matched with a path as it comes on the wire. */
export interface WireForm {
  /** The text before the first parameter, slashes included, then the text after each: `/user/`, `/posts/`, `''`. */
  readonly texts: readonly string[]
  /** The name of each parameter, `''` for none. */
  readonly names: readonly string[]
  /** Whether it ends with a `*`, which isn't among the names. */
  readonly hasRest: boolean
}

/** Returns the wire form of a route with parameters; `undefined` if it has a field, a `*` before other segments, or text to encode. */
export function createWireForm(segments: readonly Segment[]): WireForm | undefined {
  const texts: string[] = []
  const names: string[] = []
  let text = ''
  for (const [i, segment] of segments.entries()) {
    if (segment.kind === 'rest' && i === segments.length - 1) return createForm(texts, text, names, true)
    if (segment.kind === 'text' && isVerbatim(segment.text)) text += `/${segment.text}`
    else if (segment.kind === 'param') {
      texts.push(`${text}/`)
      names.push(segment.name)
      text = ''
    } else return undefined
  }
  return createForm(texts, text, names, false)
}

/** Copies the lists: those that have grown keep room for more than they have. */
function createForm(texts: readonly string[], last: string, names: readonly string[], hasRest: boolean): WireForm {
  return { texts: texts.concat(last), names: names.slice(), hasRest }
}

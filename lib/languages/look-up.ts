import { canonicalName } from './language-name.ts'

/** What of a header is read: no browser sends more, and each range is looked up. */
const MAX_LENGTH = 4096
const MAX_RANGES = 50

/** A range of an Accept-Language field, in lower case: a language with all below it, or `*`. */
interface Range {
  readonly tag: string
  readonly weight: number
}

/** The names to choose from, by themselves in lower case, in the order in which they are tried. */
export type Names = ReadonlyMap<string, string>

/**
 * Chooses a language by look-up (RFC 4647, section 3.4): for each range by weight itself, then its parents, then the first name
 * below the range or below one of its parents.
 *
 * A range with the weight 0 excludes its language and those below it, except for those that a longer range accepts. `*` is the
 * default, which is also returned if nothing is found, unless it is excluded and another name isn't.
 */
export function lookUp(header: string, names: Names, defaultName: string): string {
  const ranges = parseRanges(header)
  const isAllowed = ranges.at(-1)?.weight === 0 ? excludeBy(ranges) : () => true
  for (const { tag, weight } of ranges) {
    if (weight === 0 || tag === '*') break
    const found = findFor(tag, names, isAllowed) ?? findForCanonical(tag, names, isAllowed)
    if (found !== undefined) return found
  }
  if (isAllowed(defaultName.toLowerCase())) return defaultName
  const allowed = [...names].find(([lower]) => isAllowed(lower))
  return allowed?.[1] ?? defaultName
}

type IsAllowed = (lower: string) => boolean

function findFor(tag: string, names: Names, isAllowed: IsAllowed): string | undefined {
  for (let at = tag; at !== ''; at = parentOf(at)) {
    const name = names.get(at)
    if (name !== undefined && isAllowed(at)) return name
  }
  for (let at = tag; at !== ''; at = parentOf(at)) {
    for (const [lower, name] of names) if (lower.startsWith(`${at}-`) && isAllowed(lower)) return name
  }
  return undefined
}

/** Names are canonical, and a range may not be: `iw` is what some clients call `he`. */
function findForCanonical(tag: string, names: Names, isAllowed: IsAllowed): string | undefined {
  const canonical = canonicalName(tag)?.toLowerCase()
  return canonical === undefined || canonical === tag ? undefined : findFor(canonical, names, isAllowed)
}

/** Returns a tag without its last part, nor a single letter or digit before that; `''` for a tag of one part. */
export function parentOf(tag: string): string {
  const parent = tag.slice(0, Math.max(tag.lastIndexOf('-'), 0))
  return parent.at(-2) === '-' ? parent.slice(0, -2) : parent
}

/** Returns what tells whether a name is allowed: whether the longest range that it is in has a weight. */
function excludeBy(ranges: readonly Range[]): IsAllowed {
  return (lower) => {
    let longest: Range | undefined
    for (const range of ranges) {
      const isIn = lower === range.tag || lower.startsWith(`${range.tag}-`)
      if (isIn && range.tag.length > (longest?.tag.length ?? 0)) longest = range
    }
    return longest?.weight !== 0
  }
}

/** Returns the ranges of a header, the heaviest first. What isn't a range is left out. */
function parseRanges(header: string): Range[] {
  const ranges: Range[] = []
  const read = header.length > MAX_LENGTH ? header.slice(0, Math.max(header.lastIndexOf(',', MAX_LENGTH), 0)) : header
  let count = 0
  for (const element of read.split(',')) {
    if (element.trim() === '') continue
    if (++count > MAX_RANGES) break
    const range = parseRange(element)
    if (range !== undefined) ranges.push(range)
  }
  return ranges.sort((a, b) => b.weight - a.weight)
}

// A weight has up to three decimals (RFC 9110, section 12.4.2); clients send more, and leave out the 0.
const syntax = /^\s*(\*|[a-z]{1,8}(?:-(?:[a-z\d]{1,8}|\*)){0,15})\s*(?:;\s*q=(0?\.\d+|[01]\.?0*)\s*)?$/i

function parseRange(element: string): Range | undefined {
  const [, tag, weight = '1'] = syntax.exec(element) ?? []
  if (tag === undefined) return undefined
  const lower = tag.toLowerCase()
  // A wildcard inside of a range stands for any part, or none (RFC 4647, section 3.4).
  return { tag: lower.includes('-*') ? lower.replaceAll('-*', '') : lower, weight: Number(weight) }
}

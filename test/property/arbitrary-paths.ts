import fc from 'fast-check'
import { texts } from './arbitrary-segments.ts'
import type { NaiveSegment } from './naive-router.ts'

/** Segments as the client means them, decoded: those of routes, near misses, and what only encoding can carry. */
const arbitrarySegment: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...texts) },
  {
    weight: 4,
    arbitrary: fc
      .string({ unit: fc.constantFrom('a', 'b', '-', '.', 'é', '}'), minLength: 1, maxLength: 5 })
      .filter(isSendable),
  },
  { weight: 1, arbitrary: fc.constantFrom('a/b', '/', '../a', 'a?b', '%2F', ' ', '\n', '😀', '__proto__') },
)

function isSendable(segment: string): boolean {
  return segment !== '.' && segment !== '..'
}

/** How to make a path: of one of the routes, its parameters filled, or of anything. */
export interface PathPlan {
  /** Of the routes, the one to follow; beyond them, none. */
  readonly follow: number
  /** What parameters are filled with, or the path itself. */
  readonly values: readonly string[]
  /** How often a `*` is filled. */
  readonly stretch: number
}

export const arbitraryPathPlan: fc.Arbitrary<PathPlan> = fc.record({
  follow: fc.nat(15),
  values: fc.array(arbitrarySegment, { minLength: 0, maxLength: 5 }),
  stretch: fc.nat(2),
})

/** The decoded segments of the path that a plan makes of some routes. */
export function drawPath(
  routes: readonly (readonly NaiveSegment[])[],
  { follow, values, stretch }: PathPlan,
): string[] {
  const route = routes[follow]
  if (route === undefined) return [...values]
  let used = 0
  const next = () => values[used++ % Math.max(1, values.length)] ?? 'a'
  return route.flatMap((segment) => {
    if (segment.kind === 'text') return [segment.text]
    if (segment.kind === 'param') return [next()]
    if (segment.kind === 'rest') return Array.from({ length: stretch }, next)
    return [segment.texts.map((text, i) => (i === 0 ? text : next() + text)).join('')].map((s) =>
      isSendable(s) ? s : 'a',
    )
  })
}

/** A client's free choices in writing a path, taken one after another and from the start again. */
export const arbitrarySpelling = fc.array(fc.nat(3), { minLength: 1, maxLength: 12 })

/**
 * One of the many ways to write a path, as `node:http` gives it: each byte as it is or percent-encoded in either case,
 * slashes doubled, slashes at the end. The spelling `[0]` is the usual one.
 */
export function spellPath(segments: readonly string[], spelling: readonly number[]): string {
  let used = 0
  const choose = () => spelling[used++ % spelling.length] ?? 0
  const slashes = () => '/'.repeat([1, 2, 1, 3][choose()] ?? 1)
  const spellByte = (byte: number) => {
    const char = String.fromCharCode(byte)
    const choice = choose()
    if (choice % 3 === 0 && !mustEncode(char)) return char
    const hex = byte.toString(16).padStart(2, '0')
    return '%' + (choice === 2 ? hex : hex.toUpperCase())
  }
  const spelled = segments.map((segment) => slashes() + [...Buffer.from(segment)].map(spellByte).join(''))
  const end = ['', '/', '', '//'][choose()] ?? ''
  return spelled.join('') + (segments.length === 0 ? '/' : '') + end
}

function mustEncode(char: string): boolean {
  return !/[!-~]/.test(char) || /[%/?\\]/.test(char)
}

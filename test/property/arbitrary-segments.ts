import fc from 'fast-check'
import type { NaiveSegment } from './naive-router.ts'

/** Few, and much alike, so that routes often meet; `:` and `*` inside a text are nothing special. */
export const texts = ['a', 'b', 'ab', 'a-b', 'a.b', 'A', '%', '%61', 'é', '日本', 'a:b', 'a*', '-', '...', '}', 'x']
const aroundFields = ['a', 'b', '-', '.', 'ab', 'é', ':', '*', '}', '--']
const names = ['id', '__proto__', 'a-b', 'x.y', 'é', 'constructor', '7', '_', 'toString']

/** A segment whose parameters have no names yet. */
type Draft =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'param' | 'rest'; readonly isNamed: boolean }
  | { readonly kind: 'mixed'; readonly texts: readonly string[] }

const arbitraryText = fc.constantFrom(...texts).map((text): Draft => ({ kind: 'text', text }))
const arbitraryParam = fc.boolean().map((isNamed): Draft => ({ kind: 'param', isNamed }))
const arbitraryRest = fc.boolean().map((isNamed): Draft => ({ kind: 'rest', isNamed }))

/** The texts around fields: the outer ones may be empty; a segment that `:` or `*` begins would be a parameter. */
export const arbitraryMixedTexts: fc.Arbitrary<string[]> = fc
  .tuple(
    fc.constantFrom('', ...aroundFields.filter((text) => !/^[:*]/.test(text))),
    fc.array(fc.constantFrom(...aroundFields), { maxLength: 2 }),
    fc.constantFrom('', ...aroundFields),
  )
  .map(([first, inner, last]) => [first, ...inner, last])

const arbitraryMixed = arbitraryMixedTexts.map((around): Draft => ({ kind: 'mixed', texts: around }))

/** Segments that match much the same, so that the later rules have to decide. */
const arbitraryRival = fc.oneof(
  arbitraryParam,
  arbitraryRest,
  fc.constantFrom('-', 'a', 'a-').map((text): Draft => ({ kind: 'text', text })),
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('|', '-|', '|-', '-|-', 'a|', '|-|', '|-|-|')
      .map((around): Draft => ({ kind: 'mixed', texts: around.split('|') })),
  },
)

const arbitraryDrafts = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(
      fc.oneof(
        { weight: 5, arbitrary: arbitraryText },
        { weight: 3, arbitrary: arbitraryParam },
        { weight: 3, arbitrary: arbitraryMixed },
        { weight: 2, arbitrary: arbitraryRest },
      ),
      { maxLength: 5 },
    ),
  },
  { weight: 2, arbitrary: fc.array(arbitraryRival, { minLength: 1, maxLength: 2 }) },
)

/** The segments of a route; no name comes twice. */
export const arbitrarySegments: fc.Arbitrary<NaiveSegment[]> = fc
  .tuple(arbitraryDrafts, fc.nat(names.length - 1))
  .map(([drafts, start]) => nameParameters(drafts, start))

function nameParameters(drafts: readonly Draft[], start: number): NaiveSegment[] {
  let used = start
  const nextName = () => {
    const index = used++
    return `${names[index % names.length]}${index < names.length ? '' : index}`
  }
  return drafts.map((draft) => {
    if (draft.kind === 'text') return draft
    if (draft.kind === 'mixed') return { ...draft, names: draft.texts.slice(1).map(nextName) }
    return { kind: draft.kind, name: draft.isNamed ? nextName() : '' }
  })
}

export function writeRoute(segments: readonly NaiveSegment[]): string {
  return '/' + segments.map(writeSegment).join('/')
}

function writeSegment(segment: NaiveSegment): string {
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

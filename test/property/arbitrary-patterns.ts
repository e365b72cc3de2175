import fc from 'fast-check'
import type { NaivePattern, NaiveSegment } from './naive-router.ts'

/** A pattern in its parts, and one way to write it down. */
export interface WrittenPattern extends NaivePattern {
  readonly text: string
}

/** Few, and much alike, so that routes often meet; `:` and `*` inside a text are nothing special. */
export const texts = ['a', 'b', 'ab', 'a-b', 'a.b', 'A', '%', '%61', 'é', '日本', 'a:b', 'a*', '-', '...', '}', 'x']
const lettered = ['a', 'b', '-', '.', 'ab', 'é', ':', '*', '}', '--']
const names = ['id', '__proto__', 'a-b', 'x.y', 'é', 'constructor', '7', '_', 'toString']

export const hosts = ['', 'a.com', 'b.a.com', 'c.b.a.com', 'xa.com', 'com', 'localhost', '127.0.0.1', '[::1]', 'b.com']
const domains = ['a.com', '*.a.com', 'b.a.com', '*.b.a.com', '*.com', 'localhost', '127.0.0.1', '[::1]', '*.localhost']

type Nameless = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'param' | 'rest'; isNamed: boolean }
type Draft = Nameless | { readonly kind: 'mixed'; readonly texts: readonly string[] }

const arbitraryText: fc.Arbitrary<Draft> = fc.constantFrom(...texts).map((text) => ({ kind: 'text', text }))
const arbitraryParam: fc.Arbitrary<Draft> = fc.boolean().map((isNamed) => ({ kind: 'param', isNamed }))
const arbitraryRest: fc.Arbitrary<Draft> = fc.boolean().map((isNamed) => ({ kind: 'rest', isNamed }))

/** The texts around the fields: the outer ones may be empty, and a text that `:` or `*` begins would be a parameter. */
export const arbitraryMixedTexts: fc.Arbitrary<string[]> = fc
  .tuple(
    fc.constantFrom('', ...lettered.filter((text) => !/^[:*]/.test(text))),
    fc.array(fc.constantFrom(...lettered), { maxLength: 2 }),
    fc.constantFrom('', ...lettered),
  )
  .map(([first, inner, last]) => [first, ...inner, last])

const arbitraryMixed: fc.Arbitrary<Draft> = arbitraryMixedTexts.map((outer) => ({ kind: 'mixed', texts: outer }))

const arbitraryDraft = fc.oneof(
  { weight: 5, arbitrary: arbitraryText },
  { weight: 3, arbitrary: arbitraryParam },
  { weight: 2, arbitrary: arbitraryMixed },
  { weight: 2, arbitrary: arbitraryRest },
)

/** The segments of a route; no name comes twice. */
export const arbitrarySegments: fc.Arbitrary<NaiveSegment[]> = fc
  .tuple(fc.array(arbitraryDraft, { maxLength: 5 }), fc.nat(names.length - 1))
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

const arbitraryMethods: fc.Arbitrary<string[]> = fc.oneof(
  { weight: 5, arbitrary: fc.constant('ALL').map((method) => [method]) },
  { weight: 4, arbitrary: fc.constantFrom('GET', 'HEAD', 'POST').map((method) => [method]) },
  {
    weight: 2,
    arbitrary: fc.array(fc.constantFrom<string[]>('GET', 'POST', 'HEAD', 'ALL', 'QUERY'), {
      minLength: 1,
      maxLength: 3,
    }),
  },
)

const arbitraryDomains: fc.Arbitrary<string[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant('').map((domain) => [domain]) },
  { weight: 3, arbitrary: fc.constantFrom(...domains).map((domain) => [domain]) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...domains), { minLength: 1, maxLength: 3 }) },
)

/** Which of the free choices of writing a pattern is taken: case, blanks, slashes at the end, `ALL:` or nothing. */
const arbitraryHand = fc.record({
  isUpper: fc.boolean(),
  blank: fc.constantFrom('', ' ', '  '),
  end: fc.constantFrom('', '/', '//'),
})

export const arbitraryPattern: fc.Arbitrary<WrittenPattern> = fc
  .record({ methods: arbitraryMethods, segments: arbitrarySegments, domains: arbitraryDomains, hand: arbitraryHand })
  .map(({ hand, ...parts }) => ({ ...parts, text: writePattern(parts, hand) }))

/** Patterns that take any host and method, where only routes matter. */
export const arbitraryRoute: fc.Arbitrary<WrittenPattern> = arbitrarySegments.map((segments) => ({
  methods: ['ALL'],
  domains: [''],
  segments,
  text: writeRoute(segments),
}))

type Hand = typeof arbitraryHand extends fc.Arbitrary<infer T> ? T : never

function writePattern({ methods, segments, domains }: NaivePattern, { isUpper, blank, end }: Hand): string {
  const cased = (text: string) => (isUpper ? text.toUpperCase() : text.toLowerCase())
  const list = (values: readonly string[]) => values.map(cased).join(`${blank},${blank}`)
  const isPlainAll = methods.join() === 'ALL' && !isUpper
  const method = isPlainAll ? '' : `${blank}${list(methods)}${blank}:`
  const domain = domains.join() === '' ? '' : `@${blank}${list(domains)}`
  return `${method}${blank}${writeRoute(segments)}${end}${blank}${domain}${blank}`
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

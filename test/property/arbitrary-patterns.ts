import fc from 'fast-check'
import { arbitrarySegments, writeRoute } from './arbitrary-segments.ts'
import type { NaivePattern } from './naive-router.ts'

/** A pattern in its parts, and one way to write it down. */
export interface WrittenPattern extends NaivePattern {
  readonly text: string
}

/** The first for a request without a host, which no client can send by `inject`. */
export const hosts = ['', 'a.com', 'b.a.com', 'c.b.a.com', 'xa.com', 'com', 'localhost', '127.0.0.1', '[::1]', 'b.com']
const domains = ['a.com', '*.a.com', 'b.a.com', '*.b.a.com', '*.com', 'localhost', '127.0.0.1', '[::1]', '*.localhost']

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

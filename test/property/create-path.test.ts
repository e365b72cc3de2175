import { expect } from 'chai'
import fc from 'fast-check'
import { createPath, RouteError } from 'tribind'
import { arbitrarySegments, writeRoute } from './arbitrary-segments.ts'
import { readPathNaively } from './naive-path.ts'
import { capture, type NaiveSegment } from './naive-router.ts'

const arbitraryValue = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'a-b',
    'é',
    '😀',
    'a/b',
    '/',
    '%',
    '%2F',
    '.',
    '..',
    '',
    ' ',
    '?',
    '#',
    '\\',
    '\0',
    ':',
    '*',
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
)

/** A route all of whose parameters have names, and a value for each. */
const arbitraryCase = fc
  .tuple(arbitrarySegments, fc.array(arbitraryValue, { minLength: 15, maxLength: 15 }))
  .map(([segments, values]) => {
    const named = segments.filter((segment) => !('name' in segment) || segment.name !== '')
    const params = Object.create(null) as Record<string, string>
    for (const [i, name] of named.flatMap(namesOf).entries()) params[name] = values[i] ?? 'a'
    return { segments: named, params }
  })

function namesOf(segment: NaiveSegment): readonly string[] {
  if (segment.kind === 'text') return []
  return segment.kind === 'mixed' ? segment.names : [segment.name]
}

/** The path, or nothing where the values are refused. */
function tryCreate(route: string, params: Record<string, string>): string | undefined {
  try {
    return createPath(route, params)
  } catch (error) {
    expect(error, String(error)).to.be.instanceOf(RouteError)
    return undefined
  }
}

describe('property: from a route back to a path', function () {
  this.timeout(60_000)

  it('makes a path that the route matches, or refuses the values', () => {
    let made = 0
    fc.assert(
      fc.property(arbitraryCase, ({ segments, params }) => {
        const route = writeRoute(segments)
        const path = tryCreate(route, params)
        if (path === undefined) return
        made++
        expect(path, 'needs no encoding').to.match(/^\/[!-~]*$/)
        const captured = capture(segments, readPathNaively(path) ?? ['', 'cannot be read'])
        expect(captured, `${route} from ${path}`).to.not.equal(undefined)
        // In what a `*` took, a slash inside a segment can't be told from one between two.
        if (path.includes('%2F') && segments.some(({ kind }) => kind === 'rest')) return
        // Fields and `*` may share what was given otherwise; what they took makes the same path.
        const taken = Object.assign(Object.create(null), Object.fromEntries(captured ?? []))
        expect(tryCreate(route, taken)).to.equal(path)
      }),
      { numRuns: 3000 },
    )
    expect(made, 'paths made').to.be.above(500)
  })

  it('gives whole segments the values that they were given', () => {
    const arbitraryGiven = fc.array(
      arbitraryValue.filter((value) => !/^\.{0,2}$|[\0\\]/.test(value)),
      { minLength: 1, maxLength: 3 },
    )
    fc.assert(
      fc.property(arbitraryGiven, (values) => {
        const names = values.map((_value, i) => `n${i}`)
        const params = Object.fromEntries(names.map((name, i) => [name, values[i] as string]))
        const path = createPath(names.map((name) => `/:${name}`).join(''), params)
        expect(readPathNaively(path)).to.deep.equal(values)
      }),
      { numRuns: 1000 },
    )
  })
})

import { expect } from 'chai'

type FindDifferences = (before: unknown, after: unknown) => object[]

describe('the differences of two configurations', () => {
  let findDifferences: FindDifferences
  before(async () => {
    // A module of the page, which has no types here.
    const url = new URL('../../../lib/admin/page/differences.js', import.meta.url).href
    ;({ findDifferences } = (await import(url)) as { findDifferences: FindDifferences })
  })

  it('are none where the order of names alone differs', () => {
    expect(findDifferences({ a: 1, b: { c: [1, { d: null }] } }, { b: { c: [1, { d: null }] }, a: 1 })).to.deep.equal(
      [],
    )
  })

  it('name each part that was added, taken away or changed', () => {
    const before = { routes: { a: { pattern: '/a' }, b: { pattern: '/b' } } }
    const after = { routes: { a: { pattern: '/c' }, d: { pattern: '/d' } } }
    expect(findDifferences(before, after)).to.deep.equal([
      { path: 'routes.a.pattern', before: '/a', after: '/c' },
      { path: 'routes.b', before: { pattern: '/b' } },
      { path: 'routes.d', after: { pattern: '/d' } },
    ])
  })

  it('find an item of a list by what stands around it', () => {
    const nodes = ['a', 'b', 'c'].map((addr) => ({ addr }))
    expect(findDifferences({ nodes }, { nodes: nodes.slice(1) })).to.deep.equal([
      { path: 'nodes[0]', before: { addr: 'a' } },
    ])
    expect(findDifferences({ nodes }, { nodes: nodes.toSpliced(1, 0, { addr: 'x' }) })).to.deep.equal([
      { path: 'nodes[1]', after: { addr: 'x' } },
    ])
    expect(findDifferences({ nodes }, { nodes: nodes.with(1, { addr: 'x' }) })).to.deep.equal([
      { path: 'nodes[1].addr', before: 'b', after: 'x' },
    ])
  })

  it('show a list that became an object, and null, as changed', () => {
    expect(findDifferences({ a: [] }, { a: {} })).to.deep.equal([{ path: 'a', before: [], after: {} }])
    expect(findDifferences({ a: null }, { a: 0 })).to.deep.equal([{ path: 'a', before: null, after: 0 }])
  })

  it('take names such as toString and __proto__ for names', () => {
    const named = JSON.parse('{ "toString": 1, "__proto__": 2 }') as object
    expect(findDifferences({}, named)).to.deep.equal([
      { path: 'toString', after: 1 },
      { path: '__proto__', after: 2 },
    ])
  })
})

import { expect } from 'chai'
import { RouteError } from '../../../lib/base/errors.ts'
import {
  formatSegment,
  matchMixed,
  type MixedSegment,
  parseSegment,
  type Segment,
} from '../../../lib/routing/segment.ts'

describe('routing/segment', () => {
  const segments: [text: string, segment: Segment][] = [
    ['user', { kind: 'text', text: 'user' }],
    ['a:b', { kind: 'text', text: 'a:b' }],
    ['a*', { kind: 'text', text: 'a*' }],
    ['a}', { kind: 'text', text: 'a}' }],
    ['%41', { kind: 'text', text: '%41' }],
    ['...', { kind: 'text', text: '...' }],
    [':', { kind: 'param', name: '' }],
    [':id', { kind: 'param', name: 'id' }],
    [':user-id_1.x', { kind: 'param', name: 'user-id_1.x' }],
    [':größe', { kind: 'param', name: 'größe' }],
    [':नमस्ते', { kind: 'param', name: 'नमस्ते' }],
    ['*', { kind: 'rest', name: '' }],
    ['*path', { kind: 'rest', name: 'path' }],
    ['{id}', { kind: 'mixed', texts: ['', ''], names: ['id'] }],
    ['{page}.html', { kind: 'mixed', texts: ['', '.html'], names: ['page'] }],
    ['a{b}c{d}', { kind: 'mixed', texts: ['a', 'c', ''], names: ['b', 'd'] }],
    ['{a}:{b}', { kind: 'mixed', texts: ['', ':', ''], names: ['a', 'b'] }],
    ['}{a}}', { kind: 'mixed', texts: ['}', '}'], names: ['a'] }],
  ]

  for (const [text, segment] of segments) {
    it(`${text} is ${segment.kind}, and written as it was`, () => {
      expect(parseSegment(text)).to.deep.equal(segment)
      expect(formatSegment(segment)).to.equal(text)
    })
  }

  const refused: [text: string, why: RegExp][] = [
    [':a b', /"a b"/],
    [':a:b', /"a:b"/],
    [':{a}', /"{a}"/],
    ['*a*', /"a\*"/],
    ['{a', /must close its "{"/],
    ['x{a}y{b', /must close its "{"/],
    ['{a}{b}', /must have text between/],
    ['{}', /must name its fields/],
    ['x{}y', /must name its fields/],
    ['{a b}', /"a b"/],
    ['{{a}}', /"{a"/],
    ['{:a}', /":a"/],
    ['.', /400/],
    ['..', /400/],
    ['a\\b', /400/],
    ['a\0', /400/],
  ]

  for (const [text, why] of refused) {
    it(`${JSON.stringify(text)} is refused by name`, () => {
      expect(() => parseSegment(text))
        .to.throw(RouteError, why)
        .with.property('message')
        .that.includes(text.includes('\\') || text.includes('\0') ? JSON.stringify(text) : `"${text}"`)
    })
  }

  const matches: [text: string, value: string, values: string[] | undefined][] = [
    ['{name}.{type}', 'a.tar.gz', ['a.tar', 'gz']],
    ['{a}-{b}-{c}', '1-2-3-4', ['1-2', '3', '4']],
    ['{a}-{b}', '--', undefined],
    ['{a}-{b}', '---', ['-', '-']],
    ['{a}--{b}', 'x---y', ['x-', 'y']],
    ['{a}', '', undefined],
    ['{a}', 'a/b', undefined],
    ['{a}', '😀', ['😀']],
    ['a{b}a', 'a', undefined],
    ['a{b}a', 'aa', undefined],
    ['a{b}a', 'aaa', ['a']],
    ['{a}.html', '.html', undefined],
    ['{a}.html', '.html.html', ['.html']],
    ['{a}.html', '2.HTML', undefined],
  ]

  for (const [text, value, values] of matches) {
    it(`${text} takes ${values ? values.join(' and ') : 'nothing'} of ${JSON.stringify(value)}`, () => {
      expect(matchMixed(parseSegment(text) as MixedSegment, value)).to.deep.equal(values)
    })
  }
})

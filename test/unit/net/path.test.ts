import { expect } from 'chai'
import { formatPath, parsePath } from '../../../lib/net/path.ts'

describe('base/path', () => {
  const parsed: [path: string, segments: string[] | undefined][] = [
    ['', []],
    ['/', []],
    ['///', []],
    ['/a/b', ['a', 'b']],
    ['//a///b//', ['a', 'b']],
    ['a/b', ['a', 'b']],
    ['/%75ser', ['user']],
    ['/a%2Fb/c', ['a/b', 'c']],
    ['/%2f', ['/']],
    ['/%2e%2e%2fx', ['../x']],
    ['/...', ['...']],
    ['/%252e', ['%2e']],
    ['/a+b', ['a+b']],
    ['/a;b=c', ['a;b=c']],
    ['/%C3%A9', ['é']],
    // The bytes of é as node:http gives them.
    ['/\xc3\xa9', ['é']],
    ['/\xc3%A9', ['é']],
    ['/%20a', [' a']],
    ['/%EF%BB%BFa', ['\ufeffa']],
    ['/\x7f', ['\x7f']],
    ['/.', undefined],
    ['/..', undefined],
    ['/a/../b', undefined],
    ['/%2e', undefined],
    ['/.%2E/a', undefined],
    ['/a/..', undefined],
    ['/%00', undefined],
    ['/a\0', undefined],
    ['/a\\b', undefined],
    ['/%5C', undefined],
    ['/%5c..%5cb', undefined],
    ['/%', undefined],
    ['/%4', undefined],
    ['/%zz', undefined],
    ['/%ff', undefined],
    ['/\xff', undefined],
    ['/%c0%ae', undefined],
    ['/%ed%a0%80', undefined],
    ['/good/%', undefined],
  ]

  for (const [path, segments] of parsed) {
    it(`${JSON.stringify(path)} is ${segments ? JSON.stringify(segments) : 'refused'}`, () => {
      expect(parsePath(path)).to.deep.equal(segments)
    })
  }

  const formatted: [segments: string[], path: string][] = [
    [[], '/'],
    [['a', 'b'], '/a/b'],
    [['a/b', 'é'], '/a%2Fb/é'],
    [['//'], '/%2F%2F'],
  ]

  for (const [segments, path] of formatted) {
    it(`${JSON.stringify(segments)} is shown as ${path}`, () => {
      expect(formatPath(segments)).to.equal(path)
    })
  }
})

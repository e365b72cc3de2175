import { expect } from 'chai'
import { ResponseError } from '../../../../lib/base/errors.ts'
import { encodeRedirect, isOwnPage } from '../../../../lib/http/output/redirect-target.ts'

describe('http/redirect-target', () => {
  const encoded: [target: string, location: string][] = [
    ['/a', '/a'],
    ['a/b?c=d#e', 'a/b?c=d#e'],
    ['?x=1', '?x=1'],
    ['', ''],
    ['http://a.com/b', 'http://a.com/b'],
    ['HTTPS://a.com/', 'HTTPS://a.com/'],
    ['/größe', '/gr%C3%B6%C3%9Fe'],
    ['/日本', '/%E6%97%A5%E6%9C%AC'],
    ['/a b', '/a%20b'],
    ['/%41', '/%41'],
    ['/a:b', '/a:b'],
    ['/\ud800', '/%EF%BF%BD'],
  ]

  for (const [target, location] of encoded) {
    it(`${JSON.stringify(target)} goes out as ${location}`, () => {
      expect(encodeRedirect(target)).to.equal(location)
    })
  }

  const refused = [
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    ' javascript:alert(1)',
    '\u00a0javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'mailto:a@b.com',
    'java\tscript:alert(1)',
    '\x01javascript:alert(1)',
    '/a\r\nSet-Cookie: x=1',
    '/a\n',
    '/a\0',
    '/a\x7f',
  ]

  for (const target of refused) {
    it(`${JSON.stringify(target)} is refused`, () => {
      expect(() => encodeRedirect(target)).to.throw(ResponseError)
    })
  }

  const pages: [referer: string, host: string | undefined, isOwn: boolean][] = [
    ['http://a.com/page', 'a.com', true],
    ['https://a.com/page?x=1', 'a.com', true],
    ['http://a.com:8199/', 'a.com:8199', true],
    ['http://a.com/', 'A.com', true],
    ['http://a.com:8199/', 'a.com', false],
    ['http://b.com/', 'a.com', false],
    ['http://a.com.b.com/', 'a.com', false],
    ['http://a.com@b.com/', 'a.com', false],
    ['http://user@a.com/', 'a.com', false],
    ['http://user:pass@a.com/', 'a.com', false],
    ['javascript://a.com/', 'a.com', false],
    ['ftp://a.com/', 'a.com', false],
    ['//a.com/', 'a.com', false],
    ['/page', 'a.com', false],
    ['', 'a.com', false],
    ['http://a.com/', undefined, false],
  ]

  for (const [referer, host, isOwn] of pages) {
    it(`${JSON.stringify(referer)} is ${isOwn ? 'a page' : 'no page'} of ${host}`, () => {
      expect(isOwnPage(referer, host)).to.equal(isOwn)
    })
  }
})

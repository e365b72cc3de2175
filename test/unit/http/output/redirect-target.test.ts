import { expect } from 'chai'
import { ResponseError } from '../../../../lib/base/errors.ts'
import { encodeRedirect, findOwnPage } from '../../../../lib/http/output/redirect-target.ts'

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

  const own: [referer: string, authority: string, page: string][] = [
    ['http://a.com/page', 'a.com', 'http://a.com/page'],
    ['https://a.com/page?x=1', 'a.com', 'https://a.com/page?x=1'],
    ['http://a.com:8199/', 'a.com:8199', 'http://a.com:8199/'],
    ['http://a.com/', 'A.com', 'http://a.com/'],
    ['//a.com/', 'a.com', '/'],
    ['/page', 'a.com:8199', '/page'],
    ['page?x=1', 'a.com', '/shop/page?x=1'],
    ['?x=1', 'a.com', '/shop/cart?x=1'],
    ['../..//b.com/', 'a.com', 'http://a.com//b.com/'],
  ]

  for (const [referer, authority, page] of own) {
    it(`${JSON.stringify(referer)} is the page ${page} of ${authority}`, () => {
      expect(findOwnPage(request(referer, authority))).to.equal(page)
    })
  }

  const foreign: [referer: string | undefined, authority: string | undefined][] = [
    ['http://a.com:8199/', 'a.com'],
    ['http://b.com/', 'a.com'],
    ['//b.com/', 'a.com'],
    ['/\\b.com/', 'a.com'],
    ['http://a.com.b.com/', 'a.com'],
    ['http://a.com@b.com/', 'a.com'],
    ['http://user@a.com/', 'a.com'],
    ['http://user:pass@a.com/', 'a.com'],
    ['javascript://a.com/', 'a.com'],
    ['ftp://a.com/', 'a.com'],
    ['about:blank', 'a.com'],
    ['', 'a.com'],
    [undefined, 'a.com'],
    ['http://a.com/', undefined],
    ['/page', undefined],
  ]

  for (const [referer, authority] of foreign) {
    it(`${JSON.stringify(referer)} is no page of ${authority}`, () => {
      expect(findOwnPage(request(referer, authority))).to.equal(undefined)
    })
  }
})

function request(referer: string | undefined, authority: string | undefined) {
  return { protocol: 'http', authority, url: '/shop/cart', header: () => referer }
}

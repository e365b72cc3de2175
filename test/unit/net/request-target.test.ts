import { expect } from 'chai'
import { parseTarget, type RequestTarget } from '../../../lib/net/request-target.ts'

describe('base/request-target', () => {
  const targets: [url: string, target: RequestTarget][] = [
    ['/', { path: '/', query: '' }],
    ['/a/b', { path: '/a/b', query: '' }],
    ['/a?x=1', { path: '/a', query: 'x=1' }],
    ['/a?', { path: '/a', query: '' }],
    ['/a?x=/b?c', { path: '/a', query: 'x=/b?c' }],
    ['/a%3Fb', { path: '/a%3Fb', query: '' }],
    ['//a.com/b', { path: '//a.com/b', query: '' }],
    ['/http://a.com', { path: '/http://a.com', query: '' }],
    ['*', { path: '*', query: '' }],
    ['http://a.com/b?x=1', { path: '/b', query: 'x=1', host: 'a.com' }],
    ['HTTPS://A.com:80/b', { path: '/b', query: '', host: 'a.com' }],
    ['http://a.com', { path: '/', query: '', host: 'a.com' }],
    ['http://a.com?x', { path: '/', query: 'x', host: 'a.com' }],
    ['http://[::1]:80/b', { path: '/b', query: '', host: '[::1]' }],
    ['http://a.com//b', { path: '//b', query: '', host: 'a.com' }],
    // A host that can't be read: the request is answered 400.
    ['http://user@a.com/b', { path: '/b', query: '', host: undefined }],
    ['http://a.com:x/b', { path: '/b', query: '', host: undefined }],
    ['http://a.com\\@b.com/c', { path: '/c', query: '', host: undefined }],
    ['http://a.com,b.com/', { path: '/', query: '', host: undefined }],
  ]

  for (const [url, target] of targets) {
    it(url, () => {
      const parsed = parseTarget(url)
      expect(parsed).to.deep.equal(target)
      expect('host' in parsed, 'says whether it names a host').to.equal('host' in target)
    })
  }
})

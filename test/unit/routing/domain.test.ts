import { expect } from 'chai'
import { RouteError } from '../../../lib/base/errors.ts'
import { isWithin, parseDomains } from '../../../lib/routing/domain.ts'

describe('routing/domain', () => {
  const lists: [list: string, domains: string[]][] = [
    ['a.com', ['a.com']],
    [' A.com , b.COM ', ['a.com', 'b.com']],
    ['a.com,A.COM', ['a.com']],
    ['*.a.com', ['*.a.com']],
    ['localhost', ['localhost']],
    ['127.0.0.1', ['127.0.0.1']],
    ['[::1]', ['[::1]']],
    ['_x.a-b.com', ['_x.a-b.com']],
    ['bücher.example', ['xn--bcher-kva.example']],
    ['*.日本.jp', ['*.xn--wgv71a.jp']],
    // What a client sends is not resolved either.
    ['0x7f.1', ['0x7f.1']],
  ]

  for (const [list, domains] of lists) {
    it(`${JSON.stringify(list)} is ${domains.join(' and ')}`, () => {
      expect(parseDomains(list)).to.deep.equal(domains)
    })
  }

  const refused = [
    '',
    'a.com:80',
    'a.com,',
    '*',
    '*.',
    'a.*.com',
    '*a.com',
    '.a.com',
    'a..com',
    'a.com/',
    'a b',
    '-a.com',
    '::1',
  ]

  for (const list of refused) {
    it(`${JSON.stringify(list)} is refused by name`, () => {
      expect(() => parseDomains(list)).to.throw(RouteError, `"${list.split(',').at(-1)}"`)
    })
  }

  const within: [host: string, domain: string, isIn: boolean][] = [
    ['a.com', '', true],
    ['', '', true],
    ['', 'a.com', false],
    ['a.com', 'a.com', true],
    ['b.a.com', 'a.com', false],
    ['a.com', '*.a.com', false],
    ['b.a.com', '*.a.com', true],
    ['c.b.a.com', '*.a.com', true],
    ['xa.com', '*.a.com', false],
    ['.a.com', '*.a.com', false],
    ['b.a.com.evil', '*.a.com', false],
    // The domain of something else, of which every host counts.
    ['*.b.a.com', '*.a.com', true],
    ['*.a.com', '*.a.com', true],
    ['*.a.com', '*.b.a.com', false],
    ['*.a.com', 'a.com', false],
  ]

  for (const [host, domain, isIn] of within) {
    it(`${host || 'no host'} ${isIn ? 'belongs' : "doesn't belong"} to ${domain || 'every host'}`, () => {
      expect(isWithin(host, domain)).to.equal(isIn)
    })
  }
})

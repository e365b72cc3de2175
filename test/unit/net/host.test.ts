import { expect } from 'chai'
import { findHostField, parseHost } from '../../../lib/net/host.ts'

describe('base/host', () => {
  const hosts: [field: string, host: string | undefined][] = [
    ['', ''],
    ['a.com', 'a.com'],
    ['A.Com', 'a.com'],
    ['a.com:80', 'a.com'],
    ['a.com:', 'a.com'],
    ['a.com.', 'a.com'],
    ['a.com.:8199', 'a.com'],
    ['localhost', 'localhost'],
    ['_srv.a-b.com', '_srv.a-b.com'],
    ['127.0.0.1:65535', '127.0.0.1'],
    ['[::1]', '[::1]'],
    ['[::FFFF:1.2.3.4]:80', '[::ffff:1.2.3.4]'],
    ['a.com:65536', undefined],
    ['a.com:123456', undefined],
    ['a.com:80a', undefined],
    ['a.com:-1', undefined],
    ['a.com:80:80', undefined],
    ['a.com, b.com', undefined],
    ['a.com b.com', undefined],
    ['user@a.com', undefined],
    ['a.com/path', undefined],
    ['a.com?x', undefined],
    ['a.com#x', undefined],
    ['a.com\\b', undefined],
    ['*.a.com', undefined],
    ['.a.com', undefined],
    ['a.com..', undefined],
    ['::1', undefined],
    ['[::1', undefined],
    ['[::1]a', undefined],
    ['[]', undefined],
    ['%61.com', undefined],
    ['é.com', undefined],
    [':80', undefined],
    ['.', undefined],
    ['a'.repeat(300), undefined],
  ]

  for (const [field, host] of hosts) {
    it(`${JSON.stringify(field.slice(0, 40))} is ${host === undefined ? 'refused' : JSON.stringify(host)}`, () => {
      expect(parseHost(field)).to.equal(host)
      expect(parseHost(field), 'read again').to.equal(host)
    })
  }

  it('remembers the last field for that field alone', () => {
    for (const [field, host] of [...hosts, ...hosts.toReversed()]) expect(parseHost(field), field).to.equal(host)
  })

  const fields: [rawHeaders: string[], field: string | undefined][] = [
    [[], ''],
    [['Host', 'a.com'], 'a.com'],
    [['accept', '*/*', 'hOsT', 'a.com'], 'a.com'],
    [['Host', ''], ''],
    [['Host', 'a.com', 'Host', 'b.com'], undefined],
    [['Host', 'a.com', 'host', 'a.com'], undefined],
    // A value is no name.
    [['X', 'host', 'Host', 'a.com'], 'a.com'],
    [['Hosts', 'a.com'], ''],
  ]

  for (const [rawHeaders, field] of fields) {
    it(`${rawHeaders.join(' ') || 'nothing'} has ${field === undefined ? 'several' : JSON.stringify(field)}`, () => {
      expect(findHostField(rawHeaders)).to.equal(field)
    })
  }
})

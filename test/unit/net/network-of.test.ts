import { expect } from 'chai'
import { networkOf } from '../../../lib/middleware/rate-limit.ts'

describe('networkOf', () => {
  for (const [address, network] of [
    ['203.0.113.7', '203.0.113.7'],
    ['', ''],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::2:3:4:5:6:7', '0:0:2:3::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['::a:b:c:d:192.0.2.1', '0:0:a:b::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ] as const)
    it(`is ${network} for ${address}`, () => {
      expect(networkOf(address)).to.equal(network)
    })
})

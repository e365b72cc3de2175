import { expect } from 'chai'
import { target, Uplinks, whyNoNamespaces } from './uplinks.ts'

const reason = whyNoNamespaces()

describe('a host with two uplinks', function () {
  this.timeout(120_000)

  if (reason !== undefined) {
    it(`is left out, for network namespaces can not be used here: ${reason}`, () => {})
    return
  }

  const uplinks = new Uplinks()
  before(() => uplinks.open())
  after(() => uplinks.close())

  const connect = (from: string, host = target[4], timeout = 5000) =>
    uplinks.tell({ act: 'connect', from, host, timeout })

  it('leaves by the uplink of the name, over both families', async () => {
    expect(await connect('eth0')).to.deep.equal({ text: 'A 192.168.1.10' })
    expect(await connect('eth1')).to.deep.equal({ text: 'B 10.20.0.10' })
    expect(await connect('eth0', target[6])).to.deep.equal({ text: 'A 2001:db8:a::10' })
    expect(await connect('eth1', target[6])).to.deep.equal({ text: 'B 2001:db8:b::10' })
  })

  it('leaves by the uplink of the address, as the rules of docs/egress.md say', async () => {
    expect(await connect('192.168.1.10')).to.deep.equal({ text: 'A 192.168.1.10' })
    expect(await connect('10.20.0.10')).to.deep.equal({ text: 'B 10.20.0.10' })
    expect(await connect('2001:db8:b::10', target[6])).to.deep.equal({ text: 'B 2001:db8:b::10' })
  })

  it('reaches an address of one link by its zone', async () => {
    const linkLocal = 'fe80::1:1'
    uplinks.inProvider('B', `ip address add ${linkLocal}/64 dev wire nodad`)
    const { text } = await connect('eth1', `${linkLocal}%eth1`)
    expect(text).to.match(/^B /)
  })

  it('tries both families of a name, and the second soon where the first loses what is sent', async () => {
    expect((await connect('eth0', 'dual.test')).text).to.match(/^A /)
    expect(await connect('10.20.0.10', 'dual.test')).to.deep.equal({ text: 'B 10.20.0.10' })
    expect(await connect('2001:db8:b::10', 'dual.test')).to.deep.equal({ text: 'B 2001:db8:b::10' })
    for (const [lost, reached] of [
      ['2001:db8:a::10/128', '192.168.1.10'],
      ['192.168.1.10/32', '2001:db8:a::10'],
    ] as const) {
      uplinks.inProvider('A', `ip route add blackhole ${lost}`)
      expect(await connect('eth0!', 'dual.test', 20_000)).to.deep.equal({ text: `A ${reached}` })
      uplinks.inProvider('A', `ip route del blackhole ${lost}`)
    }
  }).timeout(15_000)

  it('takes a name whose addresses both refuse for a target that refuses, which is no failure of a virtual node', async () => {
    const from = ['eth0', 'eth1', 'lo,eth0']
    for (const _ of from) {
      const refused = await uplinks.tell({ act: 'chain', from, host: 'dual.test', port: 81 })
      expect(refused).to.include({ code: 'ERR_TRIBIND_CHAIN' })
    }
    expect((await uplinks.tell({ act: 'chain', from, host: 'dual.test' })).states).to.deep.equal(['up', 'up', 'up'])
  })

  it('finds the address that an interface has when the connection is made', async () => {
    const request = () => uplinks.tell({ act: 'request', from: 'eth1', host: target[4] })
    expect(await request()).to.deep.equal({ text: 'B 10.20.0.10' })
    uplinks.inHost('ip address add 10.20.0.11/24 dev eth1')
    uplinks.inHost('ip rule add from 10.20.0.11 lookup 102')
    uplinks.inHost('ip address del 10.20.0.10/24 dev eth1')
    try {
      // The second address stays when the first goes, and with the route, if the system promotes it.
      uplinks.inHost('ip address replace 10.20.0.11/24 dev eth1')
      uplinks.inHost('ip route replace default via 10.20.0.1 dev eth1 table 102')
      expect(await connect('eth1')).to.deep.equal({ text: 'B 10.20.0.11' })
      expect(await request(), 'not over the connection that was kept').to.deep.equal({ text: 'B 10.20.0.11' })
      const { code, reasons } = await connect('10.20.0.10')
      expect(code).to.equal('ERR_TRIBIND_EGRESS')
      expect(reasons).to.deep.equal(['10.20.0.10: bind EADDRNOTAVAIL, no interface of this machine has the address'])
    } finally {
      uplinks.inHost('ip address del 10.20.0.11/24 dev eth1')
      uplinks.address('B')
      uplinks.inHost('ip route replace default via 10.20.0.1 dev eth1 table 102')
    }
  })

  it('tries the next uplink where the first loses what is sent', async () => {
    uplinks.inProvider('A', 'ip route add blackhole 192.168.1.10/32')
    try {
      expect(await connect('eth0,eth1', target[4], 300)).to.deep.equal({ text: 'B 10.20.0.10' })
      const { code, reasons } = await connect('eth0!,eth1', target[4], 300)
      expect(code).to.equal('ERR_TRIBIND_EGRESS')
      expect(reasons).to.deep.equal(['eth0: connecting took longer than 300 ms'])
    } finally {
      uplinks.inProvider('A', 'ip route del blackhole 192.168.1.10/32')
    }
  })

  describe('of which one goes down', () => {
    before(async () => {
      const chain = await uplinks.tell({ act: 'chain', from: ['eth0', 'eth1'], host: target[4] })
      expect(chain).to.deep.equal({ text: 'A 192.168.1.10', states: ['up', 'up'] })
      uplinks.inHost('ip link set eth0 down')
    })
    after(() => {
      uplinks.address('A')
      uplinks.inHost('ip route replace default via 192.168.1.1 dev eth0 table 101')
    })

    it('has no interface of its name', async () => {
      expect((await uplinks.tell({ act: 'interfaces' })).reasons).to.deep.equal(['lo', 'eth1'])
      const { code, reasons } = await connect('eth0')
      expect(code).to.equal('ERR_TRIBIND_EGRESS')
      expect(reasons).to.deep.equal(['eth0: no interface of that name is up'])
    })

    it('leaves by the next of the list', async () => {
      expect(await connect('eth0,eth1')).to.deep.equal({ text: 'B 10.20.0.10' })
      expect(await connect('eth0!,eth1')).to.have.property('code', 'ERR_TRIBIND_EGRESS')
    })

    it('never leaves by the other instead of it, although its address is there', async () => {
      const { code, text } = await connect('192.168.1.10', target[4], 500)
      expect(text).to.equal(undefined)
      expect(code).to.equal('ERR_TRIBIND_EGRESS')
    })

    it('fails the virtual node of it, and others serve', async () => {
      for (let i = 0; i < 2; i++) {
        const chain = await uplinks.tell({ act: 'chain', from: ['eth0', 'eth1'], host: target[4] })
        expect(chain.text).to.equal('B 10.20.0.10')
        if (i === 1) expect(chain.states).to.deep.equal(['failed', 'up'])
      }
    })
  })

  it('leaves by it again when it is up again', async () => {
    expect(await connect('eth0')).to.deep.equal({ text: 'A 192.168.1.10' })
    const seen = new Set<string | undefined>()
    for (let i = 0; i < 4; i++)
      seen.add((await uplinks.tell({ act: 'chain', from: ['eth0', 'eth1'], host: target[4] })).text)
    expect([...seen].sort()).to.deep.equal(['A 192.168.1.10', 'B 10.20.0.10'])
  })
})

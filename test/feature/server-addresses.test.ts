import { once } from 'node:events'
import net from 'node:net'
import { expect } from 'chai'
import { ConfigError, ListenError, Server } from 'tribind'
import { collectingLogger, rejected, thrownBy } from './both-ways.ts'

const created: Server[] = []
const occupants: net.Server[] = []

function create(options: object): Server {
  const server = new Server({ logger: collectingLogger(), ...options })
  server.bindHandler('/', () => 'hello')
  created.push(server)
  return server
}

async function occupy(): Promise<string> {
  const occupant = net.createServer().listen(0, '127.0.0.1')
  occupants.push(occupant)
  await once(occupant, 'listening')
  return `127.0.0.1:${(occupant.address() as net.AddressInfo).port}`
}

const ask = async (address: string) => (await fetch(`http://${address}/`, { headers: { connection: 'close' } })).text()
const portIn = (address: string | undefined) => Number(/\d+$/.exec(address ?? '')?.[0])

describe('server: addresses', () => {
  afterEach(async () => {
    for (const occupant of occupants.splice(0)) occupant.close()
    await Promise.all(created.splice(0).map((server) => server.stop()))
  })

  it('are several, of IPv4 and IPv6', async () => {
    const server = create({ address: '127.0.0.1:0, [::1]:0, localhost:0' })
    expect(server.addresses).to.deep.equal([])
    await server.start()
    expect(server.addresses).to.have.length(3)
    expect(server.addresses[0]).to.equal(`127.0.0.1:${server.port}`)
    expect(server.addresses[1]).to.match(/^\[::1\]:[1-9]\d*$/)
    for (const address of server.addresses) expect(await ask(address)).to.equal('hello')
  })

  it('may be every interface', async () => {
    const server = create({ address: ':0' })
    await server.start()
    expect(server.addresses).to.deep.equal([`[::]:${server.port}`])
    expect(await ask(`127.0.0.1:${server.port}`)).to.equal('hello')
    expect(await ask(`[::1]:${server.port}`)).to.equal('hello')
  })

  it('have the port of the option where they name none, the first in any case', async () => {
    const free = portIn(await occupy())
    occupants.pop()?.close()
    const server = create({ address: '127.0.0.1:1, [::1], 127.0.0.1:0', port: free })
    await server.start()
    expect(server.addresses.slice(0, 2)).to.deep.equal([`127.0.0.1:${free}`, `[::1]:${free}`])
    expect(portIn(server.addresses[2])).to.not.be.oneOf([0, free])
  })

  for (const [what, third, said] of [
    ['is in use', occupy, 'EADDRINUSE'],
    // Of a range that is for documentation (RFC 5737): no machine has it.
    ['is of no interface', async () => '203.0.113.7:0', 'EADDRNOTAVAIL'],
    ['is of no host', async () => 'there-is-no-such-host.invalid:0', /\((ENOTFOUND|EAI_AGAIN)\)/],
  ] as const) {
    it(`are all given back when the third ${what}`, async () => {
      const probe = create({ address: '127.0.0.1:0, [::1]:0' })
      await probe.start()
      const [first, second] = probe.addresses
      await probe.stop()
      const address = await third()
      const server = create({ address: `${first}, ${second}, ${address}` })
      const error = await rejected(server.run())
      expect(error).to.be.instanceOf(ListenError).with.property('cause').that.is.instanceOf(Error)
      expect(error.message).to.include(`can't listen on ${address} `).and.match(new RegExp(said))
      expect([server.state, server.addresses]).to.deep.equal(['stopped', []])
      const next = create({ address: `${first}, ${second}` })
      await next.start()
      expect(next.addresses).to.deep.equal([first, second])
    })
  }

  for (const address of [
    'nonsense:x',
    '127.0.0.1:65536',
    '::1',
    '[::1',
    '[1:2]:80',
    '127.0.0.1:0,',
    'a b:1',
    '8199',
    '80:80',
  ]) {
    it(`are refused when they can't be read: ${address}`, () => {
      const wrong = address.split(',').at(-1) as string
      for (const make of [() => new Server({ address }), () => create({}).setAddress(address)]) {
        expect(thrownBy(make)).to.be.instanceOf(ConfigError).with.property('message').that.contains(`"${wrong}"`)
      }
    })
  }
})

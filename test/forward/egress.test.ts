import type { Socket } from 'node:net'
import { expect } from 'chai'
import { createEgress, EgressError, type Interface } from 'tribind/forward'
import { rejected } from '../feature/both-ways.ts'
import { type DeafListener, listenDeaf } from './deaf-listener.ts'
import { type AddressTeller, tellAddress } from './tell-address.ts'

describe('the egress interface', () => {
  let teller: AddressTeller

  before(async () => (teller = await tellAddress()))
  after(() => teller.close())

  async function leavesFrom(from: Interface, host = '127.0.0.1', options = {}): Promise<string | undefined> {
    const socket: Socket = await createEgress(from).connect({ host, port: teller.port }, options)
    const { localAddress } = socket
    socket.destroy()
    return localAddress
  }

  async function failure(from: Interface, host = '127.0.0.1', options = {}): Promise<EgressError> {
    const error = await rejected(leavesFrom(from, host, options))
    expect(error).to.be.instanceOf(EgressError)
    expect(error).to.include({ code: 'ERR_TRIBIND_EGRESS', status: 502 })
    return error as EgressError
  }

  const reasons = ({ attempts }: EgressError) => attempts.map(({ interface: name, reason }) => `${name}: ${reason}`)

  describe('as it is written', () => {
    const written: [string, Interface, string][] = [
      ['an address', '127.0.0.2', '127.0.0.2'],
      ['a name', 'lo', '127.0.0.1'],
      ['a list', '127.0.0.3,127.0.0.2', '127.0.0.3'],
      ['a list with blanks', ' 127.0.0.3 , lo! ', '127.0.0.3'],
      ['an array', ['127.0.0.4', 'lo'], '127.0.0.4'],
      ['an array of lists', ['nowhere0,127.0.0.5', 'lo'], '127.0.0.5'],
      ['a list in an object', { list: '127.0.0.6,lo' }, '127.0.0.6'],
      ['an array in an object', { list: ['127.0.0.7', 'lo'], strategy: 'fifo' }, '127.0.0.7'],
      ['an IPv4 address in the form of IPv6', '::ffff:127.0.0.8', '127.0.0.8'],
    ]
    for (const [what, from, address] of written)
      it(`is ${what}`, async () => expect(await leavesFrom(from)).to.equal(address))

    const wrong: [string, unknown, RegExp][] = [
      ['an empty text', '', /option "interface" must be the name of an interface, .*got ""$/],
      ['blanks', '  ', /option "interface" must be/],
      ['an empty list', [], /option "interface" must be .*got \[\]$/],
      ['an empty entry', 'lo,', /option "interface" must be .*got "lo,"$/],
      ['`!` alone', '!', /option "interface" must be/],
      ['an empty list in an object', { list: [] }, /option "interface\.list" must be/],
      ['an object without a list', {}, /option "interface\.list" must be/],
      ['a number', 7, /option "interface" must be .*got 7$/],
      ['nothing', undefined, /option "interface" must be/],
      [
        'an unknown strategy',
        { list: 'lo', strategy: 'least' },
        /"interface\.strategy" must be one of fifo, round, rand/,
      ],
      ['an unknown field', { list: 'lo', order: 'fifo' }, /unknown option "interface\.order"/],
    ]
    for (const [what, from, message] of wrong)
      it(`can't be ${what}`, () => {
        expect(() => createEgress(from as Interface))
          .to.throw(message)
          .with.property('code', 'ERR_TRIBIND_CONFIG')
      })
  })

  describe('with several entries', () => {
    it('takes the first that connects', async () => {
      expect(await leavesFrom('192.0.2.77,127.0.0.2')).to.equal('127.0.0.2')
    })

    it('tries none behind one with `!` that failed', async () => {
      expect(reasons(await failure('192.0.2.77!,127.0.0.2'))).to.deep.equal([
        '192.0.2.77: bind EADDRNOTAVAIL, no interface of this machine has the address',
      ])
    })

    it('goes on behind one with `!` of the wrong family', async () => {
      expect(await leavesFrom('::1!,127.0.0.2')).to.equal('127.0.0.2')
    })

    it('skips a name that is unknown, unless it has `!`', async () => {
      expect(await leavesFrom('nowhere0,127.0.0.2')).to.equal('127.0.0.2')
      expect(reasons(await failure('nowhere0!,127.0.0.2'))).to.deep.equal(['nowhere0: no interface of that name is up'])
    })

    it('says of each why it failed', async () => {
      const error = await failure('nowhere0,::1,192.0.2.77')
      expect(error.failure).to.equal('ERR_TRIBIND_EGRESS_CONNECT')
      expect(error.message).to.equal(
        `no connection to 127.0.0.1:${teller.port} could be made from the interfaces asked for: ` +
          "nowhere0: no interface of that name is up; ::1: it has no address of the target's family, IPv4; " +
          `192.0.2.77 to 127.0.0.1:${teller.port}: bind EADDRNOTAVAIL, no interface of this machine has the address`,
      )
      expect(error.attempts[2]).to.deep.include({ interface: '192.0.2.77', localAddress: '192.0.2.77' })
      expect(error.cause).to.have.property('code', 'EADDRNOTAVAIL')
    })

    it('takes them by turns with `round`', async () => {
      const egress = createEgress({ list: '127.0.0.2,127.0.0.3,127.0.0.4', strategy: 'round' })
      const seen: (string | undefined)[] = []
      for (let i = 0; i < 5; i++) {
        const socket = await egress.connect({ host: '127.0.0.1', port: teller.port })
        seen.push(socket.localAddress)
        socket.destroy()
      }
      expect(seen.map((address) => address?.at(-1))).to.deep.equal(['2', '3', '4', '2', '3'])
    })

    it('goes on with the next of the turn where one fails', async () => {
      const egress = createEgress({ list: '192.0.2.77,127.0.0.3', strategy: 'round' })
      for (let i = 0; i < 3; i++) {
        const socket = await egress.connect({ host: '127.0.0.1', port: teller.port })
        expect(socket.localAddress).to.equal('127.0.0.3')
        socket.destroy()
      }
    })

    it('takes any of them with `rand`', async () => {
      const seen = new Set<string | undefined>()
      for (let i = 0; i < 60; i++) seen.add(await leavesFrom({ list: '127.0.0.2,127.0.0.3', strategy: 'rand' }))
      expect([...seen].sort()).to.deep.equal(['127.0.0.2', '127.0.0.3'])
    })
  })

  describe('that nothing fits', () => {
    it('is an error for a name that is unknown', async () => {
      const error = await failure('nowhere0')
      expect(error.failure).to.equal('ERR_TRIBIND_EGRESS_UNKNOWN')
      expect(error.message).to.contain('nowhere0: no interface of that name is up')
    })

    it('is an error for an address of the other family', async () => {
      const error = await failure('::1')
      expect(error.failure).to.equal('ERR_TRIBIND_EGRESS_FAMILY')
      expect(error.message).to.contain("::1: it has no address of the target's family, IPv4")
    })

    it('is an error for an address that no interface has, never another address', async () => {
      expect(reasons(await failure('192.0.2.77'))).to.have.length(1)
    })

    it('is an error for a target that refuses', async () => {
      const closed = await tellAddress()
      closed.close()
      const error = await rejected(createEgress('127.0.0.2').connect({ host: '127.0.0.1', port: closed.port }))
      expect(error).to.be.instanceOf(EgressError)
      expect(error.message).to.contain(`127.0.0.2 to 127.0.0.1:${closed.port}: connect ECONNREFUSED`)
      expect(error.cause).to.have.property('code', 'ECONNREFUSED')
    })
  })

  describe('`auto`', () => {
    it('is the address at which the client came in', async () => {
      expect(await leavesFrom('auto', '127.0.0.1', { localAddress: '127.0.0.9' })).to.equal('127.0.0.9')
      expect(await leavesFrom('auto', '127.0.0.1', { localAddress: '::ffff:127.0.0.9' })).to.equal('127.0.0.9')
    })

    it('stands for nothing without a client', async () => {
      expect(reasons(await failure('auto'))).to.deep.equal(['auto: no client came in at an address'])
      expect(await leavesFrom('auto,127.0.0.2')).to.equal('127.0.0.2')
    })
  })

  describe('over both families', () => {
    let six: AddressTeller
    before(async () => (six = await tellAddress('::1')))
    after(() => six.close())

    it('takes the address of a name that is of the family of the target', async () => {
      for (const host of ['127.0.0.1', '::1']) {
        const { port } = host === '::1' ? six : teller
        const socket = await createEgress('lo').connect({ host, port })
        expect(socket.localAddress).to.equal(host)
        socket.destroy()
      }
    })
  })

  describe('in time', () => {
    let deaf: DeafListener

    before(async () => (deaf = await listenDeaf()))
    after(() => deaf.close())

    const connect = (from: Interface, options: { timeout?: number; signal?: AbortSignal }) =>
      createEgress(from).connect({ host: '127.0.0.1', port: deaf.port }, options)

    it('tries each for the time that is set', async () => {
      const error = await rejected(connect('127.0.0.2,127.0.0.3', { timeout: 100 }))
      const reason = 'connecting took longer than 100 ms'
      expect(reasons(error as EgressError)).to.deep.equal([`127.0.0.2: ${reason}`, `127.0.0.3: ${reason}`])
      expect(error.cause).to.have.property('code', 'ETIMEDOUT')
    })

    it('gives up when the signal is aborted, and tries no other', async () => {
      const leaving = new AbortController()
      const connecting = rejected(connect('127.0.0.2,127.0.0.3', { signal: leaving.signal }))
      setTimeout(() => leaving.abort(new Error('left')), 50)
      expect((await connecting).message).to.equal('left')
    })

    it('gives up at once when the signal was aborted before', async () => {
      const error = await rejected(connect('lo', { signal: AbortSignal.abort(new Error('left')) }))
      expect(error.message).to.equal('left')
    })

    it('refuses what is no time', async () => {
      expect(() => connect('lo', { timeout: -1 })).to.throw(/^connect: the time must be/)
    })
  })
})

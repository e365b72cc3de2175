import { once } from 'node:events'
import net from 'node:net'
import { expect } from 'chai'
import { EntryPoint } from 'tribind'
import { accesses } from './accesses.ts'
import { type Entry, type Options, rejected, sendToPort, thrownBy } from './both-ways.ts'
import { openClient } from './clients.ts'
import { ask, create, local, portAt, start, stopAll } from './entry-point-world.ts'
import { cert, files, key } from './key-pair.ts'

describe('entry points', () => {
  afterEach(stopAll)

  describe('in the options', () => {
    it('have a name and an address, as a text or in an object', async () => {
      const server = await start({ entryPoints: { web: local, ops: { address: local } } }, (s) =>
        s.get('/', () => 'hello'),
      )
      expect(server.entryPoints().map(({ name }) => name)).to.deep.equal(['web', 'ops'])
      expect([await ask(server, 'web'), await ask(server, 'ops')]).to.deep.equal(['hello', 'hello'])
    })

    it('may have several addresses', async () => {
      const server = await start({ entryPoints: { web: `${local}, ${local}` } }, (s) => s.get('/', () => 'hello'))
      expect(server.entryPoint('web').addresses).to.have.length(2)
      for (const i of [0, 1]) expect((await sendToPort(portAt(server, 'web', i))('/')).text).to.equal('hello')
    })

    it('have no default beside them, unless an address or a port is given', async () => {
      const names = (options: Options) =>
        create(options)
          .entryPoints()
          .map(({ name }) => name)
      const entryPoints = { web: local }
      expect(names({ entryPoints })).to.deep.equal(['web'])
      expect(names({ entryPoints, port: 0 })).to.deep.equal(['default', 'web'])
      expect(names({ entryPoints, address: local })).to.deep.equal(['default', 'web'])
      expect(names({})).to.deep.equal(['default'])
      expect(names({ entryPoints: { default: local } })).to.deep.equal(['default'])
    })

    it('are listed by addresses in their order; port is that of the first', async () => {
      const server = await start({ port: 0, entryPoints: { web: local, ops: local } })
      const own = ['default', 'web', 'ops'].flatMap((name) => server.entryPoint(name).addresses)
      expect(own).to.have.length(3)
      expect(server.addresses).to.deep.equal(own)
      expect(server.port).to.equal(portAt(server, 'default'))
      const bare = await start({ entryPoints: { ops: local, web: local } })
      expect(bare.port).to.equal(portAt(bare, 'ops'))
    })

    it('tell before the start no address, and the port that the first is configured for', () => {
      const server = create({ entryPoints: { web: '127.0.0.1:8111', ops: local } })
      expect([server.port, server.addresses, server.entryPoint('web').addresses]).to.deep.equal([8111, [], []])
    })

    it('are not touched by setPort and setAddress, which are those of default', async () => {
      const server = create({ port: 8111, entryPoints: { web: local } })
      server.setAddress('127.0.0.1').setPort(0)
      expect(server.entryPoint('default').options.address).to.equal('127.0.0.1:0')
      expect(server.entryPoint('web').options.address).to.equal(local)
      await server.start()
      expect(server.addresses).to.have.length(2)
    })

    it('open with one that setPort adds where there was none', async () => {
      const server = create({ entryPoints: { web: local } }).setPort(0)
      await server.start()
      expect(server.entryPoints().map(({ name }) => name)).to.deep.equal(['web', 'default'])
      expect(portAt(server, 'default')).to.be.greaterThan(0)
    })

    for (const [what, options, message] of [
      ['an unknown option', { web: { address: local, prot: 1 } }, 'unknown option "entryPoints.web.prot"'],
      ['a port', { web: { address: local, port: 1 } }, 'unknown option "entryPoints.web.port": write it in "address"'],
      ['a wrong value', { web: { address: local, timeout: 'x' } }, 'option "entryPoints.web.timeout" must be a time'],
      ['a bad address', { web: { address: 'a b' } }, 'option "entryPoints.web.address": an address must be host:port'],
      ['a bad text', { web: 'a b' }, 'option "entryPoints.web.address": an address must be host:port'],
      ['no address', { web: {} }, 'option "entryPoints.web.address" is required'],
      [
        'neither text nor object',
        { web: 5 },
        'option "entryPoints.web" must be an address or an object of options, got 5',
      ],
      ['no name', { '': local }, 'the name of an entry point must be a non-empty string, got ""'],
      ['a list', [local], 'option "entryPoints" must be an object'],
      ['labels that are no texts', { web: { address: local, labels: { a: 1 } } }, '"entryPoints.web.labels" must be'],
      [
        'HTTP/2 without TLS',
        { web: { address: local, http2: true } },
        '"entryPoints.web.http2" needs option "entryPoints.web.https"',
      ],
      [
        'a key without certificate',
        { web: { address: local, https: { key } } },
        'option "entryPoints.web.https.cert" is required',
      ],
      [
        'limits that contradict',
        { web: { address: local, headersTimeout: 500, requestTimeout: 400 } },
        'option "entryPoints.web.headersTimeout" (500) must not be longer than "requestTimeout" (400)',
      ],
    ] as const) {
      it(`are refused by their path: ${what}`, () => {
        const error = thrownBy(() => create({ entryPoints: options as never }))
        expect(error.name).to.equal('ConfigError')
        expect(error.message).to.include(message)
      })
    }

    it('are refused where default is given twice', () => {
      const error = thrownBy(() => create({ port: 0, entryPoints: { default: local } }))
      expect(error).to.include({ name: 'ConfigError' })
      expect(error.message).to.include('"entryPoints.default" contradicts "address" and "port"')
    })
  })

  describe('as objects', () => {
    it('stay the same, and are told by their class', () => {
      const server = create({ entryPoints: { web: local } })
      expect(server.entryPoint('web')).to.equal(server.entryPoint('web')).and.to.be.instanceOf(EntryPoint)
      expect(server.entryPoints()).to.deep.equal([server.entryPoint('web')])
    })

    it('are a ConfigError under a name that is not in the options', () => {
      const server = create({ entryPoints: { web: local, ops: local } })
      for (const name of ['default', 'wbe', 'constructor', undefined]) {
        const error = thrownBy(() => server.entryPoint(name as string))
        expect(error).to.include({ name: 'ConfigError' })
        expect(error.message).to.include(`there is no entry point "${name}"; there are: web, ops`)
      }
    })

    it('have their options, with the defaults of the server and without secrets, frozen', () => {
      const server = create({
        timeout: 7000,
        entryPoints: {
          web: {
            address: local,
            maxConnections: 5,
            labels: { zone: 'a' },
            https: { key, cert, passphrase: 'secret', minVersion: 'TLSv1.3' },
          },
        },
      })
      const { options, labels } = server.entryPoint('web')
      expect(options).to.deep.include({
        address: local,
        maxConnections: 5,
        timeout: 7000,
        inherits: true,
        http2: false,
      })
      expect(options.https).to.deep.equal({ minVersion: 'TLSv1.3' })
      expect(JSON.stringify(options)).to.not.match(/BEGIN|secret|passphrase/)
      expect(labels).to.deep.equal({ zone: 'a' })
      for (const held of [options, labels, options.https]) expect(held).to.be.frozen
    })

    it('have no labels unless they are given', () => {
      const server = create({ entryPoints: { web: local } })
      expect(server.entryPoint('web').labels).to.deep.equal({})
      expect(server.entryPoint('web').status()).to.not.have.property('labels')
    })
  })

  describe('have options of their own:', () => {
    it('limits default to those of the server', async () => {
      const server = await start({
        maxHeaderSize: 2000,
        entryPoints: { web: local, ops: { address: local, maxHeaderSize: 9000 } },
      })
      const headers = { 'x-long': 'x'.repeat(4000) }
      const status = async (name: string) => (await sendToPort(portAt(server, name))({ url: '/', headers })).status
      expect([await status('web'), await status('ops')]).to.deep.equal([431, 404])
    })

    it('times are milliseconds or texts, of the server too', () => {
      const web = { address: local, requestTimeout: '1m', keepAliveTimeout: 500 } as const
      const { options } = create({ timeout: '2m', stopTimeout: '1s', entryPoints: { web } }).entryPoint('web')
      expect(options).to.include({ requestTimeout: 60_000, keepAliveTimeout: 500, timeout: 120_000 })
      expect(options.headersTimeout).to.equal(20_000)
    })

    it('a requestTimeout shortens the headersTimeout that is not given', () => {
      const server = create({ entryPoints: { web: { address: local, requestTimeout: 4000 }, ops: local } })
      expect(server.entryPoint('web').options).to.include({ headersTimeout: 4000, requestTimeout: 4000 })
      expect(server.entryPoint('ops').options).to.include({ headersTimeout: 20_000, requestTimeout: 120_000 })
    })

    it('TLS for one beside plain HTTP for another', async () => {
      const server = await start({ entryPoints: { secure: { address: local, https: files }, plain: local } }, (s) =>
        s.get('/', ({ protocol }) => protocol),
      )
      const client = openClient('https', portAt(server, 'secure'))
      const secure = await client.send('/').finally(() => client.close())
      expect([secure.text, await ask(server, 'plain')]).to.deep.equal(['https', 'http'])
    })

    it('TLS of the server, unless it is switched off', async () => {
      const server = await start(
        { https: files, http2: true, entryPoints: { secure: local, plain: { address: local, https: false } } },
        (s) => s.get('/', ({ raw }) => raw.httpVersion),
      )
      const client = openClient('http2', portAt(server, 'secure'))
      const secure = await client.send('/').finally(() => client.close())
      expect([secure.text, await ask(server, 'plain')]).to.deep.equal(['2.0', '1.1'])
    })

    it('maxConnections counts at each by itself', async () => {
      const server = await start({ entryPoints: { web: { address: local, maxConnections: 1 }, ops: local } }, (s) =>
        s.get('/', () => 'hello'),
      )
      const held = net.connect(portAt(server, 'web'), '127.0.0.1')
      await once(held, 'connect')
      const refused = net.connect(portAt(server, 'web'), '127.0.0.1').on('error', () => {})
      await once(refused.resume(), 'close')
      expect(await ask(server, 'ops')).to.equal('hello')
      held.destroy()
    })
  })

  describe('are told of a request:', () => {
    it('by request.entryPoint, where it came in', async () => {
      const server = await start({ port: 0, entryPoints: { web: local } }, (s) =>
        s.get('/', ({ entryPoint }) => entryPoint),
      )
      expect([await ask(server, 'default'), await ask(server, 'web')]).to.deep.equal(['default', 'web'])
    })

    it('in process it is default, or the one that inject names', async () => {
      const server = create({ entryPoints: { web: local } })
      server.get('/', ({ entryPoint }) => entryPoint)
      const inject = async (entryPoint?: string) =>
        (await server.inject({ url: '/', ...(entryPoint !== undefined && { entryPoint }) })).text()
      expect([await inject(), await inject('web'), await inject('default')]).to.deep.equal([
        'default',
        'web',
        'default',
      ])
      expect(await rejected(server.inject({ entryPoint: 'missing' }))).to.include({ name: 'ConfigError' })
    })

    it('inject is held to the limits of the one it names, and knows whether it speaks TLS', async () => {
      const server = create({ entryPoints: { web: { address: local, https: files, maxHeaderSize: 2000 } } })
      server.get('/', ({ protocol }) => protocol)
      const headers = { 'x-long': 'x'.repeat(4000) }
      expect((await server.inject({ entryPoint: 'web', headers })).status).to.equal(431)
      expect((await server.inject({ headers })).status).to.equal(200)
      expect((await server.inject({ entryPoint: 'web' })).text()).to.equal('https')
      expect((await server.inject()).text()).to.equal('http')
    })

    it('by the access log', async () => {
      const log: Entry[] = []
      const server = create({ accessLog: true, entryPoints: { web: local } }, log)
      await server.start()
      await ask(server, 'web')
      expect((await accesses(log))[0]).to.include({ entryPoint: 'web' })
    })
  })

  it('are told by the log at the start, in their order', async () => {
    const log: Entry[] = []
    const server = create({ name: 'shop', entryPoints: { web: local, ops: local } }, log)
    await server.start()
    const told = log.map(({ message, fields }) => ({ message, ...(fields as object) }))
    const expected = ['web', 'ops'].map((entryPoint) => {
      const [address] = server.entryPoint(entryPoint).addresses
      return { message: `Listening on http://${address}`, name: 'shop', address, entryPoint }
    })
    expect(told).to.deep.equal(expected)
  })
})

import { createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { copyFile, mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import https from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import tls from 'node:tls'
import { expect } from 'chai'
import { ConfigError, Server } from 'tribind'
import { WebSocket } from 'ws'
import { collectingLogger, type Entry, inTime, type Options, portOf, rejected, thrownBy, until } from './both-ways.ts'
import { sendOverTls } from './clients.ts'
import { cert, files, key, otherCert, otherFiles, otherKey } from './key-pair.ts'
import { temporaryFolder } from './temporary-folder.ts'

const created: Server[] = []

function create(options: Options, log: Entry[] = []): Server {
  const server = new Server({ port: 0, logger: collectingLogger(log), ...options })
  server.bindHandler('/', ({ protocol, raw }) => [protocol, raw.httpVersion])
  created.push(server)
  return server
}

/** The certificate that a new connection is shown, by its fingerprint. */
async function shownBy(port: number, options: tls.ConnectionOptions = {}): Promise<string> {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}

const errorsOf = (log: readonly Entry[]) => log.filter(({ level }) => level === 'error')

async function untilShown(port: number, before: string): Promise<string> {
  for (;;) {
    const shown = await shownBy(port)
    if (shown !== before) return shown
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('https', () => {
  const folder = temporaryFolder({})

  afterEach(async () => {
    await Promise.all(created.splice(0).map((server) => server.stop()))
  })

  for (const [how, pair] of [
    ['text', { key, cert }],
    ['a Buffer', { key: Buffer.from(key), cert: Buffer.from(cert) }],
    ['a path', files],
  ] as const) {
    it(`takes key and certificate as ${how}`, async () => {
      const server = create({ https: pair })
      await server.start()
      const answer = await sendOverTls(portOf(server))('/')
      expect(answer.json()).to.deep.equal(['https', '1.1'])
    })
  }

  it('takes an encrypted key with its passphrase', async () => {
    const encrypted = createPrivateKey(key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
      .toString()
    const server = create({ https: { key: encrypted, cert, passphrase: 'secret' } })
    await server.start()
    expect((await sendOverTls(portOf(server))('/')).status).to.equal(200)
    for (const passphrase of [undefined, 'wrong']) {
      const error = await rejected(
        create({ https: { key: encrypted, cert, ...(passphrase && { passphrase }) } }).start(),
      )
      expect(error).to.be.instanceOf(ConfigError).with.property('message').that.contains('https.key')
      expect(error.message).to.not.contain('wrong')
    }
  })

  it('asks clients for a certificate where it is told to', async () => {
    const server = create({ https: { key, cert, ca: otherCert, requestCert: true } })
    await server.start()
    await rejected(sendOverTls(portOf(server))('/'))
    const request = https.get({ port: portOf(server), host: '127.0.0.1', ca: cert, key: otherKey, cert: otherCert })
    const [response] = (await once(request, 'response')) as [{ statusCode: number; resume(): void }]
    response.resume()
    expect(response.statusCode).to.equal(200)
  })

  it('speaks TLS from the version on that it is told', async () => {
    const server = create({ https: { key, cert, minVersion: 'TLSv1.3' } })
    await server.start()
    await rejected(shownBy(portOf(server), { maxVersion: 'TLSv1.2' }))
    await shownBy(portOf(server))
  })

  it('logs failed handshakes as debug alone, and serves on', async () => {
    const log: Entry[] = []
    const server = create({ https: { key, cert, handshakeTimeout: 100 } }, log)
    await server.start()
    log.length = 0
    const port = portOf(server)
    const plain = connect(port, '127.0.0.1', () => plain.write('GET / HTTP/1.1\r\n\r\n')).on('error', () => {})
    const silent = connect(port, '127.0.0.1').on('error', () => {})
    await inTime(Promise.all([once(plain, 'close'), once(silent, 'close')]), 'both are closed')
    await rejected(sendOverTls(port, otherCert)('/'))
    await until(() => log.length >= 3, 'all are logged')
    expect(new Set(log.map(({ level }) => level))).to.deep.equal(new Set(['debug']))
    expect((await sendOverTls(port)('/')).status).to.equal(200)
  })

  for (const http2 of [false, true]) {
    it(`does not wait at the stop for a handshake that doesn't go on [http2: ${http2}]`, async () => {
      const server = create({ https: files, http2, stopTimeout: 50 })
      await server.start()
      const silent = connect(portOf(server), '127.0.0.1')
      await once(silent, 'connect')
      const closed = once(silent, 'close')
      await inTime(server.stop(), 'the server has stopped')
      await closed
    })
  }

  it('is spoken on Unix sockets too', async () => {
    const path = join(folder, 'tls.sock')
    await create({ https: files }).setAddress(`unix:${path}`).start()
    const request = https.get({ socketPath: path, ca: cert, servername: 'localhost', agent: false })
    const [response] = (await once(request, 'response')) as [{ statusCode: number; resume(): void }]
    response.resume()
    expect(response.statusCode).to.equal(200)
  })

  it('is what injected requests look as if they came over', async () => {
    const server = create({ https: files })
    server.bindHandler('/cookie', ({ cookie }) => cookie.set('a', '1'))
    expect((await server.inject()).json<string[]>()[0]).to.equal('https')
    expect((await server.inject({ url: '/cookie' })).headers['set-cookie']?.[0]).to.contain('Secure')
  })

  it('carries WebSockets, with HTTP/2 as well', async () => {
    for (const http2 of [false, true]) {
      const server = create({ https: files, http2 })
      server.bindWebSocket('/echo', (socket, { protocol }) => {
        socket.on('message', (data) => socket.send(`${protocol}: ${String(data)}`))
      })
      await server.start()
      const socket = new WebSocket(`wss://127.0.0.1:${portOf(server)}/echo`, { ca: cert })
      await once(socket, 'open')
      socket.send('hi')
      const [data] = (await once(socket, 'message')) as [Buffer]
      expect(data.toString()).to.equal('https: hi')
      socket.close()
    }
  })

  describe('refuses', () => {
    for (const [what, options, culprit] of [
      ['an option that node:tls has not', { key, cert, keys: 1 }, '"https.keys"'],
      ['a missing certificate', { key }, '"https.cert"'],
      ['versions of which none is left', { key, cert, maxVersion: 'TLSv1.1' }, '"https.maxVersion" (TLSv1.1)'],
      ['a key that is neither', { key: 1, cert }, '"https.key"'],
      ['an unknown version', { key, cert, minVersion: 'TLSv2' }, '"https.minVersion"'],
      ['a bad timeout', { key, cert, handshakeTimeout: 0 }, '"https.handshakeTimeout"'],
      ['what is no object', 'key', '"https"'],
    ] as const) {
      it(`${what} at once`, () => {
        const error = thrownBy(() => new Server({ https: options } as unknown as Options))
        expect(error).to.be.instanceOf(ConfigError).with.property('message').that.contains(culprit)
        expect(error.message).to.not.contain('PRIVATE')
      })
    }

    it('http2 without it', () => {
      const error = thrownBy(() => new Server({ http2: true }))
      expect(error)
        .to.be.instanceOf(ConfigError)
        .with.property('message')
        .that.matches(/"http2" needs .*"https"/)
    })

    for (const [what, options, ...culprits] of [
      ['a file that is not there', { key: '/nowhere/key.pem', cert }, '"https.key"', '/nowhere/key.pem'],
      ['a file that is no PEM', { ...files, cert: import.meta.filename }, '"https.cert"', import.meta.filename],
      ['a certificate for a key', { key: files.cert, cert }, '"https.key"', files.cert],
      ['a key of another certificate', { ...files, key: otherFiles.key }, otherFiles.key, files.cert],
      [
        'a key and a certificate that are swapped',
        { key: files.cert, cert: files.key },
        '"https.key"',
        '"https.cert"',
        'swap them',
      ],
      ['a ca that is none', { ...files, ca: [cert, 'x.pem'] }, '"https.ca"', 'x.pem'],
      ['ciphers that there are not', { ...files, ciphers: 'NONE-SUCH' }, '"https"'],
    ] as const) {
      it(`${what} before anything listens`, async () => {
        const server = create({ https: options } as unknown as Options)
        const error = await rejected(server.start())
        expect(error).to.be.instanceOf(ConfigError)
        for (const culprit of culprits) expect(error.message).to.contain(culprit)
        expect(server.addresses).to.deep.equal([])
      })
    }
  })

  describe('renews key and certificate', () => {
    const place = async (name: string) => {
      const here = join(folder, name)
      await mkdir(here)
      const pair = { key: join(here, 'tls.key'), cert: join(here, 'tls.crt') }
      await copyFile(files.key, pair.key)
      await copyFile(files.cert, pair.cert)
      return pair
    }

    for (const http2 of [false, true]) {
      it(`when others take the place of their files, and drops no connection [http2: ${http2}]`, async () => {
        const log: Entry[] = []
        const pair = await place(`replaced-${http2}`)
        const server = create({ https: pair, http2 }, log)
        await server.start()
        const port = portOf(server)
        const before = await shownBy(port)
        const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: [cert, otherCert] })
        const ask = async () => {
          const request = https.get({ port, host: '127.0.0.1', agent })
          const [response] = (await once(request, 'response')) as [{ resume(): void }]
          response.resume()
          await once(response as never, 'end')
          return request.reusedSocket
        }
        await ask()
        for (const name of ['key', 'cert'] as const) {
          await copyFile(otherFiles[name], `${pair[name]}.new`)
          await rename(`${pair[name]}.new`, pair[name])
        }
        expect(await inTime(untilShown(port, before), 'the new one is shown', 5000)).to.not.equal(before)
        expect(await ask(), 'the connection from before is kept').to.equal(true)
        expect(errorsOf(log)).to.deep.equal([])
        await until(() => log.some(({ message }) => message.startsWith('A new key')), 'it is logged')
        expect(log.at(-1)?.fields).to.include({ entryPoint: 'default' })
        agent.destroy()
      })
    }

    it('when a link to their folder leads elsewhere, as in Kubernetes', async () => {
      const here = join(folder, 'links')
      await mkdir(here)
      for (const [name, pair] of [
        ['one', files],
        ['two', otherFiles],
      ] as const) {
        await mkdir(join(here, name))
        await copyFile(pair.key, join(here, name, 'tls.key'))
        await copyFile(pair.cert, join(here, name, 'tls.crt'))
      }
      await symlink('one', join(here, '..data'))
      for (const name of ['tls.key', 'tls.crt']) await symlink(`..data/${name}`, join(here, name))
      const server = create({ https: { key: join(here, 'tls.key'), cert: join(here, 'tls.crt') } })
      await server.start()
      const before = await shownBy(portOf(server))
      await symlink('two', join(here, '..data_tmp'))
      await rename(join(here, '..data_tmp'), join(here, '..data'))
      await inTime(untilShown(portOf(server), before), 'the new one is shown', 5000)
    })

    it('and tells once what is wrong with them, also into a log in the same folder', async () => {
      const pair = await place('log')
      const told: string[] = []
      const changed = () => writeFileSync(join(folder, 'log', 'server.log'), told.join('\n'))
      const logger = { ...collectingLogger(), error: (message: string) => (told.push(message), changed()) }
      const server = create({ https: pair, logger })
      await server.start()
      const before = await shownBy(portOf(server))
      await writeFile(pair.cert, 'broken')
      await until(() => told.length > 0, 'it is logged')
      // Longer than the log itself takes to be noticed as a change.
      await new Promise((resolve) => setTimeout(resolve, 500))
      for (const name of ['key', 'cert'] as const) await copyFile(otherFiles[name], pair[name])
      await inTime(untilShown(portOf(server), before), 'the new ones are shown', 5000)
      expect(told).to.have.length(1)
    })

    it('but keeps the old ones where the new are broken, and says so', async () => {
      const log: Entry[] = []
      const pair = await place('broken')
      const server = create({ https: pair }, log)
      await server.start()
      const before = await shownBy(portOf(server))
      await writeFile(pair.cert, 'broken')
      await until(() => errorsOf(log).length > 0, 'it is logged')
      expect(String((errorsOf(log)[0] as { fields: { error: unknown } }).fields.error)).to.contain(pair.cert)
      expect(errorsOf(log)[0]?.fields).to.include({ entryPoint: 'default' })
      expect(await shownBy(portOf(server))).to.equal(before)
      await copyFile(otherFiles.cert, pair.cert)
      await until(() => errorsOf(log).length > 1, 'a certificate of another key is logged')
      await copyFile(otherFiles.key, pair.key)
      await inTime(untilShown(portOf(server), before), 'the new ones are shown', 5000)
    })
  })
})

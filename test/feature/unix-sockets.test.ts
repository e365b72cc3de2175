import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import http from 'node:http'
import net from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { ConfigError, ListenError, Server } from 'tribind'
import { collectingLogger, gate, rejected, thrownBy, until } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

const created: Server[] = []

function create(options: object): Server {
  const server = new Server({ logger: collectingLogger(), ...options })
  server.bindHandler('/', () => 'hello')
  server.bindHandler('/ip', ({ ip, protocol, host }) => [ip, protocol, host])
  created.push(server)
  return server
}

async function get(socketPath: string, path = '/'): Promise<string> {
  const request = http.get({ socketPath, path, agent: false })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  return text(response)
}

/** Leaves a socket file behind that nobody listens on any more. */
async function leaveSocketFile(path: string): Promise<void> {
  const program = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`
  await once(spawn(process.execPath, ['-e', program, path]), 'exit')
}

describe('Unix sockets', () => {
  const folder = temporaryFolder({})
  const at = (name: string) => join(folder, name)

  afterEach(async () => {
    await Promise.all(created.splice(0).map((server) => server.stop()))
  })

  it('are listened on, and gone after the stop', async () => {
    const server = create({ address: `unix:${at('a.sock')}` })
    expect(server.port).to.equal(0)
    await server.start()
    expect([server.addresses, server.port]).to.deep.equal([[`unix:${at('a.sock')}`], 0])
    expect(await get(at('a.sock'))).to.equal('hello')
    expect(JSON.parse(await get(at('a.sock'), '/ip'))).to.deep.equal(['', 'http', 'localhost'])
    await server.stop()
    expect(existsSync(at('a.sock'))).to.equal(false)
  })

  it('stand in lists with other addresses', async () => {
    const server = create({}).setAddress(`127.0.0.1:0, unix:${at('b.sock')}`)
    await server.start()
    expect(server.addresses).to.deep.equal([`127.0.0.1:${server.port}`, `unix:${at('b.sock')}`])
    expect(await get(at('b.sock'))).to.equal('hello')
    expect(await (await fetch(`http://${server.addresses[0]}/`)).text()).to.equal('hello')
  })

  it('lets a request in flight finish at the stop', async () => {
    const server = create({ address: `unix:${at('slow.sock')}` })
    const { opened, open } = gate()
    let isIn = false
    server.bindHandler('/slow', async () => {
      isIn = true
      await opened
      return 'done'
    })
    await server.start()
    const answer = get(at('slow.sock'), '/slow')
    await until(() => isIn, 'the request is in')
    const stopped = server.stop()
    open()
    expect(await answer).to.equal('done')
    await stopped
  })

  it('takes the place of a socket file that nobody listens on', async () => {
    await leaveSocketFile(at('stale.sock'))
    expect((await stat(at('stale.sock'))).isSocket()).to.equal(true)
    await create({ address: `unix:${at('stale.sock')}` }).start()
    expect(await get(at('stale.sock'))).to.equal('hello')
  })

  it('leaves a socket alone on which somebody listens', async () => {
    await create({ address: `unix:${at('live.sock')}` }).start()
    const error = await rejected(create({ address: `unix:${at('live.sock')}` }).start())
    expect(error).to.be.instanceOf(ListenError)
    expect(error.message).to.contain(`unix:${at('live.sock')} (EADDRINUSE)`)
    expect(error.cause).to.have.property('code', 'EADDRINUSE')
    expect(await get(at('live.sock'))).to.equal('hello')
  })

  for (const kind of ['file', 'folder', 'link'] as const) {
    it(`never removes a ${kind}`, async () => {
      const path = at(`occupied-${kind}`)
      if (kind === 'folder') await mkdir(path)
      else await writeFile(kind === 'link' ? `${path}.target` : path, 'precious')
      if (kind === 'link') await symlink(`${path}.target`, path)
      const error = await rejected(create({ address: `unix:${path}` }).start())
      expect(error).to.be.instanceOf(ListenError)
      expect(error.message).to.contain(path).and.contain('not a socket')
      if (kind === 'folder') expect((await stat(path)).isDirectory()).to.equal(true)
      else expect(await readFile(path, 'utf8')).to.equal('precious')
    })
  }

  it('says that a folder does not exist', async () => {
    const error = await rejected(create({ address: `unix:${at('nowhere/a.sock')}` }).start())
    expect(error).to.be.instanceOf(ListenError)
    expect(error.message).to.contain(at('nowhere/a.sock')).and.contain('folder does not exist')
  })

  it('opens all addresses or none, of whatever kind', async () => {
    const occupant = net.createServer().listen(0, '127.0.0.1')
    await once(occupant, 'listening')
    const { port } = occupant.address() as net.AddressInfo
    const error = await rejected(create({ address: `unix:${at('all.sock')}, 127.0.0.1:${port}` }).start())
    expect(error).to.be.instanceOf(ListenError).with.property('message').that.contains(`127.0.0.1:${port}`)
    expect(existsSync(at('all.sock'))).to.equal(false)
    occupant.close()
    await writeFile(at('no-socket'), '')
    const probe = create({ address: `127.0.0.1:${port}, unix:${at('no-socket')}` })
    expect(await rejected(probe.start())).to.be.instanceOf(ListenError)
    await create({ address: `127.0.0.1:${port}` }).start()
  })

  const tooLong = `/${'x'.repeat(107)}`
  for (const [what, options, culprit] of [
    ['a path that the system would cut', { address: `unix:${tooLong}` }, tooLong],
    ['a path that is a folder by its name', { address: 'unix:/tmp/' }, 'unix:/tmp/'],
    ['a relative path', { address: 'unix:a.sock' }, 'unix:a.sock'],
    ['a port for a first address that has none', { address: 'unix:/tmp/a.sock', port: 80 }, '80'],
  ] as const) {
    it(`refuses ${what} at once`, () => {
      const error = thrownBy(() => new Server(options))
      expect(error).to.be.instanceOf(ConfigError).with.property('message').that.contains(culprit)
    })
  }

  it('of a port and a path, takes the one set last, or says that they exclude each other', async () => {
    const server = create({ port: 0 }).setAddress(`unix:${at('last.sock')}`)
    expect(thrownBy(() => server.setPort(8199)).message).to.contain('last.sock')
    await server.start()
    expect(await get(at('last.sock'))).to.equal('hello')
  })
})
